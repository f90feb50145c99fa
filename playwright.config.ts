import { defineConfig, devices } from "@playwright/test";
import { ENGINES, type EngineName } from "./tests/faults/fault-browser.ts";
import { findBrowser, findHeadlessChromium } from "./tests/support/browsers.ts";

const executablePath = findHeadlessChromium();
const firefoxPath = findBrowser("firefox");

// oxlint-disable-next-line typescript/no-empty-object-type -- Playwright's own type for "no fixtures of this scope"
export default defineConfig<{}, { engine: EngineName }>({
  testDir: "tests/e2e",
  globalSetup: "./tests/support/compile-server.ts",
  // Each test brings its own server and proxy; they wait more than they work, so three at a time is what two cores carry.
  workers: 3,
  fullyParallel: true,
  retries: 0,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  forbidOnly: Boolean(process.env["CI"]),
  outputDir: "test-results",
  reporter: [["list"], ["./tests/faults/faults-reporter.ts"]],
  use: {
    ...devices["Desktop Chrome"],
    serviceWorkers: "block",
    // A trace of every test costs more than the tests: HOLDFAST_TRACE=on when one is wanted.
    trace: process.env["HOLDFAST_TRACE"] === "on" ? "retain-on-failure" : "off",
    screenshot: "only-on-failure",
    launchOptions: {
      ...(executablePath === undefined ? {} : { executablePath }),
      args: [
        "--no-sandbox",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
  projects: [
    { name: "chromium", testIgnore: /mock\.spec\.ts$/ },
    // The offline app is served by the service worker of its mock.
    { name: "mock", testMatch: /mock\.spec\.ts$/, use: { serviceWorkers: "allow" } },
    // What proves most for its time; HOLDFAST_FIREFOX=all runs the rest of these files there too.
    {
      name: "firefox",
      testMatch: /(?:decorations|long-chat|storage)\.spec\.ts$/,
      ...(process.env["HOLDFAST_FIREFOX"] === "all" ? {} : { grep: /@firefox/ }),
      use: {
        ...devices["Desktop Firefox"],
        browserName: "firefox",
        channel: "moz-firefox",
        launchOptions: firefoxPath === undefined ? {} : { executablePath: firefoxPath },
      },
    },
    // One test per scenario; each engine brings its own driver, so nothing of `use` counts there but the engine.
    ...ENGINES.map((engine) => ({
      name: `faults-${engine}`,
      testDir: "tests/faults",
      // The scenarios, and what proves that this engine's driver provokes what it says.
      testMatch: new RegExp(`(?:faults|${engine}-browser)\\.spec\\.ts$`),
      use: { engine },
    })),
  ],
});
