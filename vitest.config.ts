import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: [
      "tests/unit/**/*.test.{ts,tsx}",
      "tests/conformance/**/*.test.ts",
      "tests/simulation/**/*.test.ts",
    ],
    environment: "node",
    environmentOptions: {
      happyDOM: {
        // Links that are pressed in a test lead nowhere, and nothing that stands in a page is fetched: no request leaves.
        settings: {
          disableJavaScriptFileLoading: true,
          navigation: {
            disableMainFrameNavigation: true,
            disableChildFrameNavigation: true,
            disableChildPageNavigation: true,
          },
        },
      },
    },
    restoreMocks: true,
    maxWorkers: 2,
  },
});
