import { Holdfast } from "./holdfast-process.ts";

/** Starts and ends a server once: Node keeps the code it has compiled, and each of the hundreds of starts to come takes a third of the time. */
// oxlint-disable-next-line import/no-default-export -- what Playwright calls before all tests
export default async function compileServer(): Promise<void> {
  const holdfast = await Holdfast.start();
  // Only a process that ends by itself writes it down.
  await holdfast.kill("SIGTERM");
  await holdfast.stop();
}
