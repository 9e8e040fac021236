import { connect, type Socket } from "node:net";
import type { Address } from "./address.js";

/** How long a connection has to close by itself once its client is closed, ms. */
const CLOSE_GRACE_MS = 1000;

/**
 * The sockets under the sessions of a client. A session that is destroyed leaves its
 * socket open until all that it had to send is sent; and until the server closes it,
 * too, if the server has announced that it goes. With a server, or a network, that has
 * fallen silent neither happens, and an open socket keeps the process alive.
 */
export class Sockets {
  readonly #open = new Set<Socket>();
  readonly #connectTimeoutMs: number;
  #closed = false;

  constructor(connectTimeoutMs: number) {
    this.#connectTimeoutMs = connectTimeoutMs;
  }

  /**
   * A socket that fails if it is not connected in time, or if nothing is heard from the
   * other end by then: a server of HTTP/2 speaks first.
   */
  connect({ host, port, text }: Address): Socket {
    const socket = connect({ host, port });
    const timer = setTimeout(() => {
      if (socket.bytesRead === 0) socket.destroy(this.#timedOut(socket, text));
    }, this.#connectTimeoutMs);
    this.#open.add(socket);
    socket.once("close", () => {
      clearTimeout(timer);
      this.#open.delete(socket);
    });
    // A session that is being verified when it is closed is replaced by a new one.
    if (this.#closed) setImmediate(() => socket.destroy());
    return socket;
  }

  #timedOut({ connecting }: Socket, text: string): Error {
    const waited = `for ${this.#connectTimeoutMs} ms (ETIMEDOUT)`;
    const message = connecting
      ? `${text} could not be connected to ${waited}`
      : `what listens on ${text} says nothing ${waited}; is it a Varve server?`;
    return Object.assign(new Error(message), { code: "ETIMEDOUT" });
  }

  /** Resolves when all are closed. Those that do not close by themselves are cut off. */
  async close(): Promise<void> {
    this.#closed = true;
    const sockets = [...this.#open];
    if (sockets.length === 0) return;
    const cut = setTimeout(() => {
      for (const socket of sockets) socket.destroy();
    }, CLOSE_GRACE_MS);
    await Promise.all(sockets.map(closed));
    clearTimeout(cut);
  }
}

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once("close", () => resolve());
  });
}
