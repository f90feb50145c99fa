import "./check-size.ts";
import { findMockMarkers } from "./mock-markers.ts";

const found = findMockMarkers(new URL("../dist/", import.meta.url));
for (const line of found) console.error(`The mock has got into the production build: ${line}`);
if (found.length > 0) process.exitCode = 1;
