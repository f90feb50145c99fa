import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Actions } from "../app/actions.ts";
import type { AppSignals } from "../state/app-state.ts";

/** What the UI gets: state to read, actions to call. */
export interface AppHandle {
  readonly state: AppSignals;
  readonly actions: Actions;
}

export const AppHandleContext = createContext<AppHandle | undefined>(undefined);

export function useApp(): AppHandle {
  const app = useContext(AppHandleContext);
  if (app === undefined) throw new Error("A component that needs the app was rendered outside of it.");
  return app;
}
