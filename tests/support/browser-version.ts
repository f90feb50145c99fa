import { spawnSync } from "node:child_process";
import { findBrowser, type BrowserName } from "./browsers.ts";

/** MiniBrowser tells its version only where there is a screen: it gets one for that long. */
const ASK_ON_A_SCREEN = `
  number=$(mktemp)
  Xvfb -displayfd 3 -nolisten tcp 3>"$number" 2>/dev/null &
  screen=$!
  for attempt in $(seq 100); do [ -s "$number" ] && break; sleep 0.05; done
  DISPLAY=:$(cat "$number") "$1" --version
  kill $screen
  rm -f "$number"
`;

/** As the browser says it, without the system's name: "Chromium 156.0.8078.79". Undefined when it is not here or does not tell. */
export function browserVersion(name: BrowserName): string | undefined {
  const path = findBrowser(name);
  if (path === undefined) return undefined;
  const [file, args] =
    name === "webkit" ? ["sh", ["-c", ASK_ON_A_SCREEN, "sh", path]] : [path, ["--version"]];
  const asked = spawnSync(file, args, {
    encoding: "utf8",
    timeout: 20_000,
    stdio: ["ignore", "pipe", "ignore"],
  });
  const line = (asked.stdout ?? "").trim().split("\n", 1)[0] ?? "";
  return /^[\w ]*?\d[\w.]*/.exec(line)?.[0];
}
