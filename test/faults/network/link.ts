import type { Socket } from "node:net";
import { FrameScanner } from "../http2/frame-scanner.ts";
import { FrameType, PREFACE } from "../http2/frames.ts";
import type { Random } from "../random.ts";
import { Pump } from "./pump.ts";

/** One connection through the proxy: two sockets, and a way in each direction. */
export class Link {
  /** From the client to the server. */
  readonly up: Pump;
  /** From the server to the client. */
  readonly down: Pump;
  /** Nothing passes any more, and nothing will. */
  isLost = false;
  readonly #client: Socket;
  readonly #server: Socket;
  #requests = 0;
  #answers = 0;

  constructor(client: Socket, server: Socket, random: Random) {
    this.#client = client;
    this.#server = server;
    this.up = new Pump(client, server, random);
    this.down = new Pump(server, client, random);
    const isData = ({ type, length }: { type: number; length: number }): boolean =>
      type === FrameType.DATA && length > 0;
    const requests = new FrameScanner((frame) => {
      if (isData(frame)) this.#requests++;
    }, PREFACE.length);
    const answers = new FrameScanner((frame) => {
      if (isData(frame)) this.#answers++;
    });
    client.on("data", (bytes: Buffer) => requests.push(bytes));
    server.on("data", (bytes: Buffer) => answers.push(bytes));
    for (const socket of [client, server]) {
      // What one side does abruptly, the other gets to feel.
      socket.on("error", () => this.reset());
      socket.on("close", () => this.finish());
    }
  }

  /** Frames of data that the client has sent, whether they arrived or not. */
  get requests(): number {
    return this.#requests;
  }

  /** Frames of data that the server has sent, whether they arrived or not. */
  get answers(): number {
    return this.#answers;
  }

  get isClosed(): boolean {
    return this.#client.destroyed || this.#server.destroyed;
  }

  /** Cuts both sides with RST. */
  reset(): void {
    this.#client.resetAndDestroy();
    this.#server.resetAndDestroy();
  }

  /** Cuts both sides with FIN, and what was on its way is lost. */
  finish(): void {
    this.#client.destroySoon();
    this.#server.destroySoon();
  }

  /** Tells one side that the other has no more to say. What the other says is lost. */
  halfClose(side: "client" | "server"): void {
    const socket = side === "client" ? this.#client : this.#server;
    socket.end();
  }
}
