import type { Socket } from "node:net";
import { afterPreface } from "./preface.js";

export interface ConnectionsOptions {
  /** Connections at a time. */
  readonly max: number;
  /** Given each connection whose client has begun to speak. */
  readonly onBegin: (socket: Socket) => void;
  /** Told of each connection that is closed because there are too many. */
  readonly onTooMany: () => void;
  /** A client that has not begun to speak after this time is cut off, ms. Default: 10,000. */
  readonly silenceMs?: number;
}

const SILENCE_MS = 10_000;

/**
 * The connections of a server: bounded, so that handles are left for the log. Where there
 * are too many, the one that has been silent for longest makes way; if none is silent, the
 * new one is closed at once.
 */
export class Connections {
  readonly #all = new Set<Socket>();
  /** Those whose clients have not begun to speak, from the oldest on. */
  readonly #silent = new Set<Socket>();
  readonly #waiting: (() => void)[] = [];

  constructor(private readonly options: ConnectionsOptions) {}

  get count(): number {
    return this.#all.size;
  }

  /** Takes in a connection that has just been accepted. */
  add(socket: Socket): void {
    if (this.#all.size >= this.options.max) {
      this.options.onTooMany();
      const [oldest] = this.#silent;
      this.#remove(oldest ?? socket);
      if (!oldest) return;
    }
    this.#all.add(socket);
    socket.once("close", () => this.#remove(socket));
    // Whoever serves the connection hears of it as well.
    socket.on("error", () => {});
    this.#awaitFirstBytes(socket);
  }

  /** Resolves when none is left. */
  async gone(): Promise<void> {
    if (this.#all.size === 0) return;
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Closes those whose clients have not begun to speak. */
  closeSilent(): void {
    for (const socket of this.#silent) socket.destroy();
  }

  /** Closes all at once. */
  destroy(): void {
    for (const socket of this.#all) socket.destroy();
  }

  /** From the start on, so that it does not help to send a byte now and then. */
  #awaitFirstBytes(socket: Socket): void {
    this.#silent.add(socket);
    const cutOff = setTimeout(() => socket.destroy(), this.options.silenceMs ?? SILENCE_MS).unref();
    const stopWaiting = (): void => {
      clearTimeout(cutOff);
      this.#silent.delete(socket);
    };
    socket.once("close", stopWaiting);
    afterPreface(socket, () => {
      stopWaiting();
      socket.off("close", stopWaiting);
      this.options.onBegin(socket);
    });
  }

  /** Its handle is free at once, and what it is told of later. */
  #remove(socket: Socket): void {
    this.#silent.delete(socket);
    this.#all.delete(socket);
    socket.destroy();
    if (this.#all.size === 0) for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
