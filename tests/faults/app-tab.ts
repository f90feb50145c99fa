import { readAppPage, type AppPage } from "./app-page.ts";
import type { FaultTab } from "./fault-browser.ts";
import type { AppTab, Stage } from "./stage.ts";

export const COMPOSER = 'textarea[aria-label="Message"]';

/** What the tabs of a stage have written, for `verify`. */
export interface Written {
  sent(session: string, text: string): void;
  drafted(place: string, text: string, by: AppTab): void;
  /** The composer of the place was emptied by sending. */
  cleared(place: string): void;
}

/** The session of an address, or "new" where one is begun. */
export function placeOf(path: string): string {
  return /^\/s\/([0-9a-f-]{36})$/.exec(path)?.[1] ?? "new";
}

/** Drives the app as its user does; reads it by roles and data attributes. */
export class DrivenTab implements AppTab {
  readonly tab: FaultTab;
  #until: Stage["until"];
  #written: Written;

  constructor(tab: FaultTab, until: Stage["until"], written: Written) {
    this.tab = tab;
    this.#until = until;
    this.#written = written;
  }

  read(): Promise<AppPage> {
    return readAppPage(this.tab);
  }

  async begin(text: string): Promise<string> {
    if ((await this.read()).page !== "new") {
      // Pressed by script: in a narrow window the button lies in the drawer.
      await this.tab.evaluate(() => document.querySelector<HTMLElement>("button.new-session")?.click(), 0);
      await this.#until("the page of a new session", async () => (await this.read()).page === "new");
    }
    await this.#press(text);
    await this.#until("the address of the new session", async () => {
      return placeOf((await this.read()).path) !== "new";
    });
    const session = placeOf((await this.read()).path);
    this.#written.sent(session, text);
    return session;
  }

  async send(text: string): Promise<void> {
    const session = placeOf((await this.read()).path);
    if (session === "new") throw new Error("No session is open: use begin().");
    this.#written.sent(session, await this.#press(text));
  }

  async draft(text: string): Promise<void> {
    await this.tab.type(COMPOSER, text);
    const { path, composer = "" } = await this.read();
    this.#written.drafted(placeOf(path), composer, this);
  }

  async switchTo(session: string): Promise<void> {
    await this.#until("the session in the list", () =>
      this.tab.evaluate((href) => {
        const link = document.querySelector<HTMLElement>(`a[href="${href}"]`);
        link?.click();
        return link !== null;
      }, `/s/${session}`),
    );
    await this.#until("the session's address", async () => placeOf((await this.read()).path) === session);
  }

  async answers(): Promise<readonly string[]> {
    return (await this.read()).answers;
  }

  async messages(): Promise<readonly string[]> {
    return (await this.read()).messages;
  }

  async composerText(): Promise<string> {
    return (await this.read()).composer ?? "";
  }

  async connection(): Promise<string> {
    return (await this.read()).connection;
  }

  async notices(): Promise<readonly string[]> {
    return (await this.read()).notices;
  }

  async openSources(): Promise<number> {
    return (await this.read()).openSources;
  }

  /** Answers what was sent: the text behind what the composer held already. */
  async #press(text: string): Promise<string> {
    await this.tab.type(COMPOSER, text);
    const { path, composer = "" } = await this.read();
    await this.tab.click(".composer button.send");
    await this.#until("the composer is empty after sending", async () => (await this.composerText()) === "");
    this.#written.cleared(placeOf(path));
    return composer;
  }
}
