/** An invariant does not hold. The message begins with its name: "S3: …". */
export class Violation extends Error {
  override readonly name = "Violation";
  /** "S3", "drafts", … */
  readonly invariant: string;

  constructor(invariant: string, message: string) {
    super(`${invariant}: ${message}`);
    this.invariant = invariant;
  }
}
