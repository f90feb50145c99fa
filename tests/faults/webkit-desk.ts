import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { findProgram } from "../support/browsers.ts";

const run = promisify(execFile);

/** The keyboard and the windows of one display, by xdotool: keys are real, and a window that is unmapped is really hidden. */
export class WebKitDesk {
  #display: string;
  /** One at a time: the keyboard has one focus. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(display: string) {
    this.#display = display;
  }

  /** The window with that title; undefined: none yet. */
  async findWindow(title: string): Promise<string | undefined> {
    try {
      const [found] = (await this.#do("search", "--name", `^${title}$`)).split("\n");
      return found === "" ? undefined : found;
    } catch {
      // It ends with 1 when it finds none.
      return undefined;
    }
  }

  async type(window: string, text: string): Promise<void> {
    await this.#do("windowfocus", "--sync", window, "type", "--delay", "4", "--clearmodifiers", text);
  }

  async press(window: string, key: string): Promise<void> {
    await this.#do("windowfocus", "--sync", window, "key", "--clearmodifiers", key);
  }

  /** Without a window manager GTK takes this for the window being minimised. */
  async unmap(window: string): Promise<void> {
    await this.#do("windowunmap", window);
  }

  async map(window: string): Promise<void> {
    await this.#do("windowmap", window);
  }

  #do(...args: readonly string[]): Promise<string> {
    const done = this.#last.then(async () => {
      const program = findProgram("xdotool");
      if (program === undefined) throw new Error("No xdotool found: install it (Debian: xdotool).");
      const env = { PATH: process.env["PATH"] ?? "", LANG: "C.UTF-8", DISPLAY: this.#display };
      return (await run(program, args, { env, timeout: 20_000 })).stdout.trim();
    });
    this.#last = done.catch(() => undefined);
    return done;
  }
}
