import { signalQuietly } from "./webkit-process.ts";

/** A turn of running and standing still. Short against a frame that a person would miss. Unit: ms. */
const TURN_MS = 40;

/** Lets a process run one part in `factor` of the time, by stopping it in turns. Answers how to end that. */
export function throttleProcess(pid: number, factor: number): () => void {
  if (factor <= 1) return () => undefined;
  const runMs = TURN_MS / factor;
  let timer: NodeJS.Timeout | undefined;
  const run = (): void => {
    signalQuietly(pid, "SIGCONT");
    timer = setTimeout(rest, runMs);
  };
  const rest = (): void => {
    signalQuietly(pid, "SIGSTOP");
    timer = setTimeout(run, TURN_MS - runMs);
  };
  rest();
  return () => {
    clearTimeout(timer);
    signalQuietly(pid, "SIGCONT");
  };
}
