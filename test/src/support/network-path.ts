import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** A way to a server that can be blocked or cut, as networks are. It goes when the test ends. */
export class NetworkPath {
  readonly #sockets = new Set<Socket>();

  private constructor(
    readonly address: string,
    private readonly target: string,
  ) {}

  static async start(target: string): Promise<NetworkPath> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const path = new NetworkPath(`127.0.0.1:${(server.address() as AddressInfo).port}`, target);
    server.on("connection", (socket) => path.#join(socket));
    onTestFinished(() => {
      path.cut();
      server.close();
    });
    return path;
  }

  /** From now on nothing is taken from the server. */
  block(): void {
    for (const socket of this.#sockets) socket.unpipe().pause();
  }

  /** Resets all connections, on both sides. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  #join(client: Socket): void {
    const [host, port] = this.target.split(":");
    const server = connect(Number(port), host);
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on("error", () => socket.destroy());
      socket.on("close", () => this.#sockets.delete(socket));
    }
    client.pipe(server).pipe(client);
  }
}
