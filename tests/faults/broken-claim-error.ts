/** What must hold the whole time did not for a moment: `until` looks again at anything else, never at this. */
export class BrokenClaimError extends Error {
  override readonly name = "BrokenClaimError";
}
