import { parentPort, workerData } from "node:worker_threads";
import { simulate, type SimulationOptions } from "./simulate.ts";

// A share of the stories, in a thread of its own.
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has no origin
parentPort?.postMessage(await simulate(workerData as SimulationOptions));
