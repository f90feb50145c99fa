/** The wire's version. A change to a rule of docs/PROTOCOL.md bumps it; another major means "update needed". */
export const PROTOCOL_VERSION = "1.2";

/** The name `GET /api/health` answers with: what tells a captive portal's page from the server. */
export const SERVER_NAME = "holdfast";

/** Whether a peer that names `version` speaks a wire this build understands (same major). */
export function isCompatibleProtocol(version: string): boolean {
  return version.split(".", 1)[0] === PROTOCOL_VERSION.split(".", 1)[0];
}
