import type { ApiFailure } from "../streaming/ports.ts";

/** What a person is told when a request brought nothing. */
export function failureWords(failure: ApiFailure): string {
  switch (failure.kind) {
    case "problem":
      return failure.problem.detail;
    case "signed-out":
      return "You are signed out. Nothing is lost: sign in to go on.";
    case "unreachable":
      return failure.message;
    case "update-needed":
      return `The server speaks version ${failure.version} of the protocol. Reload the page to update it.`;
  }
}
