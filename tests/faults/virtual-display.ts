import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { findProgram } from "../support/browsers.ts";

/** An X server without a screen, for one browser: its keyboard focus and its windows are nobody else's. */
export class VirtualDisplay {
  /** As in `DISPLAY`. */
  readonly name: string;
  #child: ChildProcess;
  #stopAtExit = (): void => void this.#child.kill("SIGKILL");

  private constructor(name: string, child: ChildProcess) {
    this.name = name;
    this.#child = child;
    process.once("exit", this.#stopAtExit);
  }

  /** Throws where there is no Xvfb, or when it can't start. */
  static async start(): Promise<VirtualDisplay> {
    const path = findProgram("Xvfb");
    if (path === undefined) throw new Error("No Xvfb found: install it (Debian: xvfb).");
    // It takes the first number that is free and writes it to file descriptor 3. No key repeats itself (-r): on a busy
    // machine one that is let go of late would be typed twice.
    const args = ["-displayfd", "3", "-screen", "0", "1280x900x24", "-nolisten", "tcp", "-noreset", "-r"];
    const child = spawn(path, args, { detached: true, stdio: ["ignore", "ignore", "ignore", "pipe"] });
    const numbers = child.stdio[3] as Readable;
    const number = await new Promise<string>((resolve, reject) => {
      let said = "";
      numbers.on("data", (bytes: Buffer) => {
        said += bytes.toString();
        if (said.includes("\n")) resolve(said.trim());
      });
      child.once("error", reject);
      child.once("exit", (code) => reject(new Error(`Xvfb ended with ${code}.`)));
    });
    return new VirtualDisplay(`:${number}`, child);
  }

  async stop(): Promise<void> {
    process.off("exit", this.#stopAtExit);
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const end = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    await end;
  }
}
