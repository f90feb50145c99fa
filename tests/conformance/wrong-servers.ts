import { WRONG_ENDPOINTS } from "./wrong-endpoints.ts";
import type { WrongServer } from "./wrong-server.ts";
import { WRONG_STREAMS } from "./wrong-streams.ts";

/** Every server that the suite must find. */
export const WRONG_SERVERS: readonly WrongServer[] = [...WRONG_ENDPOINTS, ...WRONG_STREAMS];
