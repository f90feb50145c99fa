/** What the page tells the worker. */
export type HighlightRequest =
  | { readonly kind: "load"; readonly language: string }
  | {
      readonly kind: "tokenize";
      readonly block: number;
      readonly language: string;
      /** The first line of the block; otherwise the lines follow those of the last request for it. */
      readonly isFirst: boolean;
      readonly lines: readonly string[];
    }
  | { readonly kind: "forget"; readonly block: number };

/** What the worker tells the page. */
export type HighlightAnswer =
  | { readonly kind: "loaded"; readonly language: string; readonly outcome: "ready" | "unknown" | "failed" }
  /** For each line how many tokens it has, and these. */
  | { readonly kind: "tokens"; readonly block: number; readonly tokens: Uint16Array<ArrayBuffer> }
  /** The worker doesn't know where the block stands: it has to begin at its first line. */
  | { readonly kind: "lost"; readonly block: number };
