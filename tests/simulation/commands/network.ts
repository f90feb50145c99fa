import type { ConnectFate, NetworkMode, RequestFate } from "../world/tab-network.ts";
import { pick, type Deed } from "./command.ts";
import type { Life, Tab } from "../world/tab.ts";
import type { World } from "../world/world.ts";

const MODES: readonly Exclude<NetworkMode, "fine">[] = ["gone", "hole", "captive", "gateway"];
const MODE_WORDS: Readonly<Record<NetworkMode, string>> = {
  fine: "works",
  gone: "is gone",
  hole: "is a black hole",
  captive: "is a captive portal that answers with web pages",
  gateway: "has a proxy that answers 502",
};
const LATENCIES: readonly (readonly [number, number])[] = [
  [1, 30],
  [0, 2],
  [50, 400],
  [300, 2_500],
];

const nextConnect = (fate: ConnectFate | readonly ConnectFate[], sentence: string, weight = 2): Deed => ({
  weight,
  fault: sentence,
  run: (_world, tab, choice) => {
    const { life } = tab;
    const chosen = pick([fate].flat(), choice);
    if (life === undefined || chosen === undefined) return undefined;
    life.network.nextConnects.push(chosen);
    return `the next stream: ${sentence}`;
  },
});

const nextSend = (fate: RequestFate, sentence: string): Deed => ({
  weight: 4,
  fault: sentence,
  run: (_world, tab) => {
    const { life } = tab;
    if (life === undefined) return undefined;
    life.network.nextSends.push(fate);
    return `the next message or change: ${sentence}`;
  },
});

const onLine = (
  weight: number,
  fault: string,
  run: (world: World, tab: Tab, life: Life, choice: number) => string,
): Deed => ({
  weight,
  fault,
  run: (world, tab, choice) => (tab.life === undefined ? undefined : run(world, tab, tab.life, choice)),
});

/** What happens between a tab and the server (PLATFORM §1.1, §1.2, §1.5). */
export const NETWORK_DEEDS: Readonly<Record<string, Deed>> = {
  drop: onLine(6, "line ended by the other side", (_world, _tab, life) => {
    life.network.drop("end");
    return "the line is ended";
  }),
  reset: onLine(6, "line reset, a frame cut in half", (_world, _tab, life) => {
    life.network.drop("reset");
    return "the line is reset, with what was on its way";
  }),
  "half-open": onLine(8, "line half-open", (_world, _tab, life) => {
    life.network.halfOpen();
    return "the line goes half-open";
  }),
  "network-trouble": onLine(6, "network gone, black hole, portal or 502", (_world, _tab, life, choice) => {
    const mode = pick(MODES, choice) ?? "hole";
    life.network.mode = mode;
    if (mode === "hole") life.network.halfOpen();
    if (mode === "gone" || mode === "gateway") life.network.drop("reset");
    return `the network ${MODE_WORDS[mode]}`;
  }),
  "network-fine": {
    weight: 24,
    run: (_world, tab) => {
      const { life } = tab;
      if (life === undefined || life.network.mode === "fine" || !life.page.facts.isOnline) return undefined;
      life.network.mode = "fine";
      return "the network works again";
    },
  },
  latency: onLine(3, "delays", (_world, _tab, life, choice) => {
    life.network.latencyMs = LATENCIES[choice % LATENCIES.length] ?? [1, 30];
    return `one way over the network takes ${life.network.latencyMs.join(" to ")} ms`;
  }),
  doubling: onLine(2, "frames doubled", (_world, _tab, life, choice) => {
    life.network.isDoubling = choice % 2 === 0;
    return life.network.isDoubling ? "every frame comes twice" : "frames come once again";
  }),
  "next-never": nextConnect("never", "is never answered", 3),
  "next-204": nextConnect("status-204", "is answered 204"),
  "next-401": nextConnect("status-401", "is answered 401"),
  "next-502": nextConnect("status-502", "is answered 502"),
  "next-html": nextConnect("html", "is answered with a web page"),
  "next-replay": nextConnect("cursor-ignored", "begins at the beginning, whatever was asked for", 4),
  "next-foreign": nextConnect("cursor-foreign", "is told to resync, its epoch unknown"),
  "next-ahead": nextConnect(
    ["cursor-ahead", "cursor-trimmed"],
    "is told to resync, its cursor beyond the tail or too old for a trimmed log",
  ),
  "next-dies": {
    weight: 5,
    fault: "goes half-open with its greeting or its first words",
    run: (_world, tab, choice) => {
      const { life } = tab;
      if (life === undefined) return undefined;
      // Several in a row: the watchdog's patience grows with each that brings nothing of what is owed.
      const count = 1 + (choice % 5);
      const fates = Array.from({ length: count }, (_, index): ConnectFate => {
        return ((choice >> (index + 3)) & 3) === 3 ? "dies-midway" : "dies-greeted";
      });
      life.network.nextConnects.push(...fates);
      const words = fates.map((fate) => (fate === "dies-greeted" ? "its greeting" : "its first words"));
      return `the next ${count === 1 ? "stream goes" : `${count} streams go`} half-open with ${words.join(", then ")}`;
    },
  },
  "next-send-lost": nextSend("lost", "is lost on its way"),
  "next-answer-lost": nextSend("answer-lost", "is done, but its answer is lost"),
  "next-send-hangs": nextSend("never-answered", "is never answered"),
};
