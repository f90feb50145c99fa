import { cpus, totalmem, type as osType } from "node:os";
import { readFileSync } from "node:fs";

/** What it ran on: enough to judge the figures by, nothing that names the machine. */
export function describeMachine(): string {
  const cores = cpus();
  const memory = Math.round(totalmem() / 1024 ** 3);
  return `${cores.length} × ${cores[0]?.model.trim() ?? "unknown CPU"}, ${memory} GB, ${operatingSystem()}, Node ${process.versions.node}`;
}

function operatingSystem(): string {
  try {
    const name = /^PRETTY_NAME="?([^"\n]+)"?$/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1];
    return name ?? osType();
  } catch {
    // Not a Linux: its own name will do.
    return osType();
  }
}
