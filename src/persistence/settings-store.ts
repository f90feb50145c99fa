import * as v from "valibot";
import { AgentIdSchema } from "../protocol/ids.ts";
import { parseJson } from "../protocol/parse.ts";
import type { Disposer } from "../streaming/ports.ts";
import { localKeys } from "./keys.ts";
import type { LocalText } from "./local-text.ts";
import type { TabChannel } from "./tab-channel.ts";

/** Every field falls back by itself: one that is broken, or of a newer build, must not cost the others. */
const SettingsSchema = v.object({
  theme: v.optional(v.fallback(v.picklist(["system", "light", "dark"]), "system"), "system"),
  /** What a new session is answered by; undefined: the server's default. */
  lastAgent: v.optional(v.fallback(v.optional(AgentIdSchema), undefined)),
  sidebar: v.optional(v.fallback(v.picklist(["open", "closed"]), "open"), "open"),
  notifications: v.optional(v.fallback(v.boolean(), false), false),
});
export type Settings = v.InferOutput<typeof SettingsSchema>;

/** What a person chose on this device. Synchronous, so that the theme is right in the first frame. */
export interface SettingsStore {
  load(): Settings;
  /** Changes the named fields. Kept in this tab where localStorage refuses. */
  save(change: Partial<Settings>): void;
  /** Changed by this tab or another. */
  subscribe(listener: (settings: Settings) => void): Disposer;
  dispose(): void;
}

export function createSettingsStore(local: LocalText, channel: TabChannel): SettingsStore {
  const listeners = new Set<(settings: Settings) => void>();
  let remembered: Settings | undefined;

  function load(): Settings {
    if (remembered !== undefined) return remembered;
    const text = local.get(localKeys.settings);
    const stored = text === undefined ? undefined : parseJson(SettingsSchema, text);
    remembered = stored?.ok === true ? stored.value : DEFAULTS;
    return remembered;
  }

  function tell(): void {
    for (const listener of listeners) listener(load());
  }

  const unsubscribe = channel.onLocalChange((key) => {
    if (key !== localKeys.settings) return;
    remembered = undefined;
    tell();
  });

  return {
    load,
    save(change) {
      remembered = { ...load(), ...change };
      local.set(localKeys.settings, JSON.stringify(remembered));
      tell();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    dispose() {
      unsubscribe();
      listeners.clear();
    },
  };
}

const DEFAULTS: Settings = { theme: "system", sidebar: "open", notifications: false };
