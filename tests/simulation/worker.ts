import { parentPort, workerData } from "node:worker_threads";
import { simulate, type SimulationOptions } from "./simulate.ts";

// A share of the stories, in a thread of its own.
parentPort?.postMessage(await simulate(workerData as SimulationOptions));
