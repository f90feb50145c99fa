/**
 * What can go wrong between a backend and a browser, as data. Pure: a block of the event stream goes in, what reaches
 * the browser comes out; timing is named, never waited for. Streams are handled as blocks of text
 * (`id: …\ndata: …\n\n`), because that is what a broken line breaks.
 */

/** Faults that hold until they are taken back. */
export interface FaultModes {
  /** Every answer and every block of a stream comes this much later. Unit: ms. */
  readonly latencyMs: number;
  /** Every log frame comes twice. */
  readonly duplicatesFrames: boolean;
  /** Every second log frame comes before the one it follows. */
  readonly reordersFrames: boolean;
  /** How many of the next requests, streams among them, a proxy answers with 502. */
  readonly badGateways: number;
  /** How many of the next streams are asked for with a cursor of an epoch that never was. */
  readonly wrongEpochs: number;
}

export const NO_FAULTS: FaultModes = {
  latencyMs: 0,
  duplicatesFrames: false,
  reordersFrames: false,
  badGateways: 0,
  wrongEpochs: 0,
};

/**
 * Where one stream stands.
 *
 *   whole ──truncate──▶ truncating ──next log frame──▶ cut
 *     │────drop──────────────────────────────────────▶ cut       (the browser sees an error)
 *     └────stall─────────────────────────────────────▶ stalled   (the browser sees nothing, for ever)
 */
export type LineState =
  | { readonly kind: "whole"; readonly held: string | undefined }
  | { readonly kind: "truncating"; readonly held: string | undefined }
  | { readonly kind: "cut" }
  | { readonly kind: "stalled" };

export const WHOLE_LINE: LineState = { kind: "whole", held: undefined };

export type LineInput =
  | { readonly kind: "block"; readonly text: string }
  | { readonly kind: "drop" }
  | { readonly kind: "stall" }
  | { readonly kind: "truncate" };

export interface LineStep {
  readonly line: LineState;
  /** What reaches the browser, in this order, each after `latencyMs`. */
  readonly texts: readonly string[];
}

/** One step of one stream under `modes`. A cut or stalled line stays so and passes nothing. */
export function stepLine(line: LineState, input: LineInput, modes: FaultModes): LineStep {
  if (line.kind === "cut" || line.kind === "stalled") return { line, texts: [] };
  switch (input.kind) {
    case "drop":
      return { line: { kind: "cut" }, texts: [] };
    case "stall":
      return { line: { kind: "stalled" }, texts: [] };
    case "truncate":
      return { line: { kind: "truncating", held: line.held }, texts: [] };
    case "block":
      return passBlock(line, input.text, modes);
  }
}

function passBlock(
  line: Extract<LineState, { readonly held: string | undefined }>,
  text: string,
  modes: FaultModes,
): LineStep {
  const held = line.held === undefined ? [] : [line.held];
  if (!isLogFrame(text)) {
    // What is held back waits for a log frame, but not for ever: a ping pushes it out.
    return { line: { ...line, held: undefined }, texts: [...held, text] };
  }
  if (line.kind === "truncating") {
    return { line: { kind: "cut" }, texts: [...held, text.slice(0, Math.ceil(text.length / 2))] };
  }
  if (modes.reordersFrames && line.held === undefined) return { line: { ...line, held: text }, texts: [] };
  const copies = modes.duplicatesFrames ? [text, text] : [text];
  return { line: { ...line, held: undefined }, texts: [...copies, ...held] };
}

/** Control frames have no id (PROTOCOL §3), log frames always do. */
function isLogFrame(block: string): boolean {
  return block.startsWith("id:");
}

/**
 * Cuts a stream's text into blocks. `rest` is what has no end yet and goes before the next text.
 * Blank lines end a block and nothing else does: data is JSON on one line.
 */
export function splitBlocks(text: string): { readonly blocks: readonly string[]; readonly rest: string } {
  const pieces = text.split("\n\n");
  const rest = pieces.pop() ?? "";
  return { blocks: pieces.map((piece) => `${piece}\n\n`), rest };
}

/** A cursor of an epoch that never was; the backend refuses it with `resync`. */
export const WRONG_CURSOR = "0wrongepoch0.1";
