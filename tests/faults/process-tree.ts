import { readdirSync, readFileSync } from "node:fs";

export interface RunningProcess {
  readonly pid: number;
  /** The program's file name. */
  readonly name: string;
  /** "T": stopped by a signal, "Z": dead and not yet collected. See proc(5). */
  readonly state: string;
}

/** The children of a process and theirs, oldest first. Linux only. */
export function descendants(root: number): readonly RunningProcess[] {
  const all = readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((entry) => readProcess(Number(entry)));
  const found: RunningProcess[] = [];
  const parents = new Set([root]);
  // A child may have a smaller number than its parent: numbers wrap around.
  for (let before = -1; before !== found.length;) {
    before = found.length;
    for (const candidate of all) {
      if (parents.has(candidate.pid) || !parents.has(candidate.parent)) continue;
      parents.add(candidate.pid);
      found.push(candidate);
    }
  }
  return found;
}

/** False when it is gone, or there is nothing left of it but its number. */
export function isAlive(pid: number): boolean {
  const [process] = readProcess(pid);
  return process !== undefined && process.state !== "Z";
}

function readProcess(pid: number): readonly (RunningProcess & { readonly parent: number })[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0")[0] ?? "";
    // The name in brackets is cut to 15 characters and may hold anything: what counts begins behind it.
    const [state = "", parent = ""] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return [{ pid, parent: Number(parent), state, name: command.slice(command.lastIndexOf("/") + 1) }];
  } catch {
    // Ended between the listing and the reading.
    return [];
  }
}
