/** Where a reader stands in a conversation: at its end, or with a row at an offset below the upper edge. By turn, not by pixels: heights change. */
export type ReadingPosition =
  | { readonly kind: "end" }
  | {
      readonly kind: "row";
      /** The row's key: the id of the first turn that stood there. */
      readonly row: string;
      /** Negative when the row begins above. Unit: px. */
      readonly offsetPx: number;
    };
