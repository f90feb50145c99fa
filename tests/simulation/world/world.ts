import type { SessionId } from "../../../src/protocol/ids.ts";
import { createBrowser, type Browser } from "./browser.ts";
import { createDice, hashText, type Dice } from "./dice.ts";
import { createLogBook, type LogBook } from "./log-book.ts";
import { killTab, loadTab, type Life, type Tab, type TabParts } from "./tab.ts";
import { createTrueTime, type TrueTime } from "./true-time.ts";
import { createVirtualServer, type VirtualServer } from "./virtual-server.ts";
import { tellPast } from "./past.ts";
import { Violation } from "./violation.ts";
import { cursorComplaint, requestComplaint } from "../checks/requests.ts";

/** What a person sent, and what may have become of it by his own or the story's doing. */
export interface SentMessage {
  readonly text: string;
  readonly tab: number;
  /** The document it was sent from. */
  readonly life: Life;
  readonly session: string | undefined;
  readonly atMs: number;
  /** Taken back into a composer, or withdrawn. */
  isTakenBack: boolean;
  /** It was in the log; a restored backup may not have it. */
  wasLogged: boolean;
  /** A disk that was emptied or took nothing: what only it had is gone, and the person was told. */
  wasUnkept: boolean;
  /** Sent while localStorage took nothing: it is out of sight as long as IndexedDB is, and may be overtaken. */
  readonly isOvertakable: boolean;
}

/** What a person typed into a composer, or took back into it. */
export interface TypedText {
  readonly tab: number;
  readonly key: SessionId | "new";
  readonly atMs: number;
  readonly isTakenBack?: true;
}

/** The whole of a story's world: one server, one browser, up to four tabs, one person. */
export interface World {
  readonly seed: number;
  readonly time: TrueTime;
  readonly dice: Dice;
  readonly book: LogBook;
  readonly server: VirtualServer;
  readonly browser: Browser;
  readonly tabs: readonly Tab[];
  readonly tabParts: TabParts;
  readonly sent: SentMessage[];
  /** What a person typed, in whichever tab, in whichever life of it. */
  readonly typed: TypedText[];
  /** Sessions whose deletion a person asked for, and did not undo. */
  readonly deletedByPerson: Set<string>;
  /** Sessions that any tab has taken for deleted: a restored backup does not bring them back there. */
  readonly everDeleted: Set<string>;
  /** How often each fault was provoked. */
  readonly faults: Map<string, number>;
  /** What other windows of the browser hold: given back in the end. */
  readonly occupied: (() => void)[];
  readonly warnings: string[];
  /** The first violation; none is forgotten by what happens after it. */
  violation: Violation | undefined;
  texts: number;
  trace: number;
  complain(violation: Violation): void;
  note(what: string): void;
  liveTabs(): readonly (readonly [Tab, Life])[];
  load(tab: Tab): Life;
  end(): void;
}

export async function createWorld(seed: number, tabCount: number): Promise<World> {
  const hasPast = seed % 3 === 0;
  const time = createTrueTime();
  const dice = createDice(seed);
  const complain = (violation: Violation): void => {
    world.violation ??= violation;
  };
  const book = createLogBook(complain);
  const server = createVirtualServer(time, createDice(seed ^ 0x5e7), book, complain, hasPast);
  const browser = createBrowser(time, createDice(seed ^ 0xd15c), complain);
  const tabs: Tab[] = Array.from({ length: tabCount }, (_, index) => ({
    number: index + 1,
    life: undefined,
    path: "/",
    network: { mode: "fine", latencyMs: [1, 30], isDoubling: false },
    facts: { isHidden: false, isOnline: true },
  }));
  const tabParts: TabParts = {
    browser,
    server,
    seed,
    watch: (lifeOf, tab) => ({
      onRequest(method, url) {
        world.note(`${tab.number} ${method} ${url}`);
        const life = lifeOf();
        const complaint = life === undefined ? undefined : requestComplaint(life, method, url);
        if (complaint !== undefined) complain(new Violation("S5", `tab ${tab.number} ${complaint}`));
        const wrongCursor = life === undefined ? undefined : cursorComplaint(life, method, url);
        if (wrongCursor !== undefined) complain(new Violation("cursor", `tab ${tab.number} ${wrongCursor}`));
      },
      onLateEvent(deliver) {
        const life = lifeOf();
        const before = life === undefined ? "" : coreSummary(life);
        deliver();
        if (life !== undefined && coreSummary(life) !== before) {
          complain(
            new Violation("S6", `tab ${tab.number} was changed by a message of a source that it had closed`),
          );
        }
      },
    }),
    onThrow(tab, error) {
      const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
      complain(new Violation("uncaught", `something threw in tab ${tab.number}: ${what}`));
    },
    onWarn(tab, message) {
      world.note(`${tab.number} warns ${message}`);
      if (world.warnings.length < 200) world.warnings.push(`tab ${tab.number}: ${message}`);
    },
  };
  const world: World = {
    seed,
    time,
    dice,
    book,
    server,
    browser,
    tabs,
    tabParts,
    sent: [],
    typed: [],
    deletedByPerson: new Set(),
    everDeleted: new Set(),
    faults: new Map(),
    occupied: [],
    warnings: [],
    violation: undefined,
    texts: 0,
    trace: 0,
    complain,
    note(what) {
      world.trace = hashText(`${time.now()} ${what}`, world.trace);
      if (process.env["SIMULATION_TRACE"] !== undefined) console.log(`      ${time.now()} ${what}`);
    },
    liveTabs: () => tabs.flatMap((tab) => (tab.life === undefined ? [] : [[tab, tab.life] as const])),
    load: (tab) => loadTab(tab, tabParts),
    end() {
      for (const tab of tabs) killTab(tab, browser);
      server.kill();
    },
  };
  await Promise.all([server.start(), time.advance(200)]);
  if (hasPast) await tellPast(time, dice, server);
  return world;
}

/** Deleted by a person, or by the server: where that was heard of, a restored backup does not bring it back. */
export function wasEverDeleted(world: World, session: string): boolean {
  return world.everDeleted.has(session) || world.book.everDeleted.has(session);
}

/** What a late message must not change. */
function coreSummary(life: Life): string {
  return life.core
    .report()
    .map(
      (row) =>
        `${row.view.session} ${row.view.cursor?.epoch}.${row.view.cursor?.seq} ${row.isOpen} ${row.view.connection.kind} ${row.heldChars}`,
    )
    .join("\n");
}
