import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import type { Random } from "../random.ts";
import { Link } from "./link.ts";

/** A network between clients and a server. */
export class TcpProxy implements AsyncDisposable {
  readonly #target: string;
  readonly #random: Random;
  readonly #server: Server;
  readonly #links = new Set<Link>();

  private constructor(target: string, random: Random, server: Server) {
    this.#target = target;
    this.#random = random;
    this.#server = server;
    server.on("connection", (client) => this.#join(client));
  }

  /** `target`: HOST:PORT of the server. */
  static async start(target: string, random: Random): Promise<TcpProxy> {
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new TcpProxy(target, random, server);
  }

  /** HOST:PORT for clients. */
  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The connections that stand, in the order in which they were made. */
  get links(): readonly Link[] {
    return [...this.#links];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const link of this.#links) link.reset();
    this.#server.close();
    await once(this.#server, "close");
  }

  #join(client: Socket): void {
    const [host, port] = this.#target.split(":");
    const server = connect({ host, port: Number(port), allowHalfOpen: true, noDelay: true });
    const link = new Link(client, server, this.#random.fork());
    this.#links.add(link);
    for (const socket of [client, server]) {
      socket.on("close", () => this.#links.delete(link));
    }
  }
}
