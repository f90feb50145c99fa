import { oneKind } from "./one-kind.ts";

export const benchmark = oneKind("paragraph", {});
