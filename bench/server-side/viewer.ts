import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** A raw socket that counts what comes: cheap enough not to be what is measured. */
export interface Viewer {
  readonly socket: Socket;
  frames: number;
  /** Resolves when `text` has come. */
  until(text: string): Promise<void>;
}

/** Opens a stream and waits until it has caught up. */
export async function view(port: number, path: string): Promise<Viewer> {
  const socket = connect(port, "127.0.0.1");
  let tail = "";
  let wanted: { readonly text: string; readonly found: () => void } | undefined;
  const viewer: Viewer = {
    socket,
    frames: 0,
    until: (text) => new Promise((found) => (wanted = { text, found })),
  };
  socket.on("data", (chunk: Buffer) => {
    for (let at = chunk.indexOf("\nid: "); at >= 0; at = chunk.indexOf("\nid: ", at + 1)) viewer.frames += 1;
    if (wanted === undefined) return;
    const text = tail + chunk.toString("latin1");
    tail = text.slice(-200);
    if (text.includes(wanted.text)) {
      wanted.found();
      wanted = undefined;
      tail = "";
    }
  });
  socket.on("error", () => undefined);
  const caughtUp = viewer.until("event: caught-up");
  await once(socket, "connect");
  socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`);
  await caughtUp;
  return viewer;
}

/** In groups: a thousand connections at one blow are a test of the listen queue. */
export async function viewMany(count: number, port: number, path: string): Promise<Viewer[]> {
  const viewers: Viewer[] = [];
  for (let index = 0; index < count; index += 50) {
    viewers.push(...(await Promise.all(Array.from({ length: 50 }, () => view(port, path)))));
  }
  return viewers;
}
