import { once } from "node:events";
import { createServer, type Http2Server } from "node:http2";
import type { AddressInfo, Socket } from "node:net";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { EventStoreService } from "@varve/proto";
import type { Service } from "./service.js";

/** A scripted service behind a real port on loopback. */
export class TestServer implements AsyncDisposable {
  readonly port: number;
  /** Connections that were made since the server started. */
  connections = 0;
  readonly #server: Http2Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Http2Server) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    server.on("connection", (socket: Socket) => {
      this.connections += 1;
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
  }

  static async start(service: Service, port = 0): Promise<TestServer> {
    const server = createServer(
      connectNodeAdapter({ routes: (router) => router.service(EventStoreService, service) }),
    );
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    return new TestServer(server);
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Cuts every connection, as a crash or a broken network would. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.cut();
    await closed;
  }
}
