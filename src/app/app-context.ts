import type { AppState } from "../state/app-state.ts";
import type { Engine } from "./engine.ts";
import type { AppEnvironment } from "./environment.ts";

/** What every part of the app is made of. */
export interface AppContext {
  readonly environment: AppEnvironment;
  readonly engine: Engine;
  readonly state: AppState;
}
