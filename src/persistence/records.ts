/** What one transaction changes, and what it answers. */
export interface Decision<Answer> {
  readonly answer: Answer;
  readonly put?: ReadonlyMap<string, unknown>;
  readonly remove?: readonly string[];
  /** Removed before anything is put, at the price of one key each however many records lie in it. */
  readonly removeRanges?: readonly KeyRange[];
}

/** Keys from `first` to `last`, both included, by UTF-16 code units as IndexedDB orders them. */
export interface KeyRange {
  readonly first: string;
  readonly last: string;
}

/** All keys that begin with `prefix`. */
export function prefixRange(prefix: string): KeyRange {
  return { first: prefix, last: `${prefix}\uFFFF` };
}

export function isInRange(key: string, range: KeyRange): boolean {
  return key >= range.first && key <= range.last;
}

/** A record that joins others, and what must be so when it does. */
export interface Addition {
  /** Nothing must lie here. */
  readonly key: string;
  readonly value: unknown;
  /** A record that must be as `holds` wants it. */
  readonly below: string;
  readonly holds: (value: unknown) => boolean;
}

/** Records by key. Each call is one transaction: all of it or nothing. */
export interface Records {
  /** The values of `keys`, in their order; undefined where there is none. */
  read(keys: readonly string[]): Promise<readonly unknown[]>;
  /** All records whose key begins with `prefix`, in the order of their keys. */
  readPrefix(prefix: string): Promise<ReadonlyMap<string, unknown>>;
  /** Of each range the first `limit` records, in the order of their keys. */
  readRanges(ranges: readonly KeyRange[], limit: number): Promise<readonly (readonly unknown[])[]>;
  /** Reads `keys` and writes what `decide` makes of them. `decide` may run twice, so it must change nothing itself. */
  update<Answer>(
    keys: readonly string[],
    decide: (values: readonly unknown[]) => Decision<Answer>,
  ): Promise<Answer>;
}

/** What a disk can do beside: it decides by itself what memory would have to look up. */
export interface SharedRecords extends Records {
  /**
   * Adds a record without waiting for what it depends on: that is looked at on the way, and the transaction ends without a
   * trace when it isn't so. Answers whether it was added.
   */
  add(addition: Addition): Promise<boolean>;
  /** Like `update`, of one record and the last one of the range that depends on it. */
  updateWithLast<Answer>(
    key: string,
    rangeOf: (value: unknown) => KeyRange | undefined,
    decide: (value: unknown, last: unknown) => Decision<Answer>,
  ): Promise<Answer>;
}
