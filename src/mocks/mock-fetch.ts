/** What answers a request for the API: the backend itself, a relay to it, or either behind faults. Never rejects but on abort. */
export type MockFetch = (request: Request) => Promise<Response>;
