import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { GrpcConnection } from "../http2/grpc.ts";
import { TcpProxy } from "../network/tcp-proxy.ts";
import type { Random } from "../random.ts";
import { allReading, Following } from "./following.ts";

const script = fileURLToPath(new URL("child.ts", import.meta.url));

/** Subscribers whose process is stopped: their system takes bytes until its buffers are full. */
export class StoppedProcess implements AsyncDisposable {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async start(address: string, subscribers: number): Promise<StoppedProcess> {
    const args = [script, address, `${subscribers}`];
    const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
    await once(child.stdout, "data");
    child.kill("SIGSTOP");
    return new StoppedProcess(child);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#child, "close");
    this.#child.kill("SIGKILL");
    await closed;
  }
}

/** Subscribers that were reading when the network took away everything, both ways. */
export class CutOff implements AsyncDisposable {
  readonly #proxy: TcpProxy;
  readonly #connection: GrpcConnection;

  private constructor(proxy: TcpProxy, connection: GrpcConnection) {
    this.#proxy = proxy;
    this.#connection = connection;
  }

  static async start(address: string, subscribers: number, random: Random): Promise<CutOff> {
    const proxy = await TcpProxy.start(address, random);
    const connection = new GrpcConnection(proxy.address);
    const all = Array.from({ length: subscribers }, () => new Following(connection, 0));
    await allReading(all);
    for (const { up, down } of proxy.links) {
      up.way = { kind: "black hole" };
      down.way = { kind: "black hole" };
    }
    return new CutOff(proxy, connection);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#connection.close();
    await this.#proxy[Symbol.asyncDispose]();
  }
}
