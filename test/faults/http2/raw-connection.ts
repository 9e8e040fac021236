import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { FrameScanner } from "./frame-scanner.ts";
import { Flag, FrameType, frame, PREFACE, settingsFrame } from "./frames.ts";

/**
 * A connection that says exactly what it is told to: it answers no ping, opens no
 * window, and knows nothing of what it may not do.
 */
export class RawConnection {
  readonly #socket: Socket;
  readonly closed: Promise<void>;
  /** How many frames of each type have come, by `FrameType`. */
  readonly received: Map<number, number> = new Map();

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => {
      socket.on("close", () => resolve());
    });
    // Whoever is on the other side may cut it at any time.
    socket.on("error", () => socket.destroy());
    const scanner = new FrameScanner(({ type }) => {
      this.received.set(type, (this.received.get(type) ?? 0) + 1);
    });
    socket.on("data", (chunk: Buffer) => scanner.push(chunk));
  }

  /** Connects. Says nothing yet. */
  static async open(address: string): Promise<RawConnection> {
    const [host, port] = address.split(":");
    const socket = connect(Number(port), host);
    const connection = new RawConnection(socket);
    await Promise.race([once(socket, "connect"), connection.closed]);
    return connection;
  }

  /** Begins as every client has to. */
  greet(settings: readonly (readonly [id: number, value: number])[] = []): this {
    return this.send(PREFACE, settingsFrame(settings), frame(FrameType.SETTINGS, Flag.ACK, 0));
  }

  /** Sends bytes; those that a connection cannot take any more are lost. */
  send(...bytes: readonly Uint8Array[]): this {
    for (const part of bytes) if (this.#socket.writable) this.#socket.write(part);
    return this;
  }

  /** Resolves when all that was sent has left this process, or cannot any more. */
  async drained(): Promise<void> {
    if (this.#socket.writableLength === 0 || this.#socket.destroyed) return;
    await Promise.race([once(this.#socket, "drain"), this.closed]);
  }

  get isClosed(): boolean {
    return this.#socket.destroyed;
  }

  /** From now on it takes nothing from the network. */
  pause(): void {
    this.#socket.pause();
  }

  /** Says that it will send no more. */
  end(): void {
    this.#socket.end();
  }

  /** Resets the connection. */
  cut(): void {
    this.#socket.resetAndDestroy();
  }
}
