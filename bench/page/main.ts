import { PAGE_BENCHES, type PageBenchName } from "./page-benches.ts";

/** What the page says of the benchmark that it was asked to run. Read from outside: an answer that takes minutes is no answer to one command. */
type State =
  | { readonly kind: "running" }
  | { readonly kind: "done"; readonly answer: unknown }
  | { readonly kind: "failed"; readonly why: string };

declare global {
  interface Window {
    benchState: State | undefined;
    startBench: (name: PageBenchName, options: unknown) => void;
  }
}

window.startBench = (name, options) => {
  window.benchState = { kind: "running" };
  void run(name, options);
};

async function run(name: PageBenchName, options: unknown): Promise<void> {
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the caller takes name and options from one type
    const bench = PAGE_BENCHES[name] as (options: unknown) => Promise<unknown>;
    window.benchState = { kind: "done", answer: await bench(options) };
  } catch (error) {
    const why = error instanceof Error ? `${error.message}\n${error.stack ?? ""}` : String(error);
    window.benchState = { kind: "failed", why };
  }
}
