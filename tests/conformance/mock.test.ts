import { makeMockTarget } from "./mock-target.ts";
import { conformanceSuite } from "./suite.ts";

conformanceSuite("mock", makeMockTarget);
