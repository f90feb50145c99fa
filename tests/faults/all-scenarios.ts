import { readdirSync } from "node:fs";
import type { Scenario } from "./scenario.ts";

const FOLDER = new URL("scenarios/", import.meta.url);

/** Every `Scenario` that a file of `scenarios/` exports, in the order of their ids. */
export async function allScenarios(): Promise<readonly Scenario[]> {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith(".ts"));
  const modules = await Promise.all(
    files.map(async (name): Promise<readonly unknown[]> => {
      const exported = (await import(new URL(name, FOLDER).href)) as Record<string, unknown>;
      return Object.values(exported).flat();
    }),
  );
  const scenarios = modules.flat().filter(isScenario);
  const ids = scenarios.map(({ id }) => id);
  const twice = ids.filter((id, index) => ids.indexOf(id) !== index);
  if (twice.length > 0) throw new Error(`Two scenarios have the same id: ${twice.join(", ")}.`);
  return scenarios.toSorted((one, other) =>
    one.id.localeCompare(other.id, "en", { numeric: true, sensitivity: "base" }),
  );
}

function isScenario(value: unknown): value is Scenario {
  return typeof value === "object" && value !== null && "id" in value && "title" in value && "run" in value;
}
