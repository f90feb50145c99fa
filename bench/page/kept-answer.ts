/** One answer on its way to a disk and back, step by step. Each step answers what it took; unit: ms. */
export interface KeptAnswer {
  /** Keeps the next piece. */
  flush(): Promise<number>;
  /** The answer is whole now. */
  settle(): Promise<number>;
  /** Throws when it is not the text that was kept. */
  readBack(): Promise<number>;
  /** Leaves nothing of it on the disk. */
  forget(): Promise<void>;
}

/** Where answers are kept. */
export interface AnswerKeeper {
  /** Made ready as a page has it when an answer begins: its database is open. */
  begin(text: string, flushes: number): Promise<KeptAnswer>;
  /** After the last answer. */
  close(): void;
}

/** Times of one answer. Unit: ms. */
export interface PersistTimes {
  readonly flushMs: readonly number[];
  readonly settleMs: number;
  readonly readMs: number;
}

export async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}
