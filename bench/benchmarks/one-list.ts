import { oneKind } from "./one-kind.ts";

export const benchmark = oneKind("list", { mixed: 1.5 });
