import { type RunningServer, readSettings, startServer } from "@varve/server";
import { onTestFinished } from "vitest";
import { connect, type StoreClient } from "./client.js";
import { type OnEnd, temporaryFolder } from "./folder.js";

/** Settings by their flags, without the dashes. */
export type Flags = Readonly<Record<string, string | boolean>>;

export interface TestServer {
  readonly address: string;
  /** Of its data. */
  readonly folder: string;
  /** The server itself. */
  readonly running: RunningServer;
  /** On a connection that all calls of a test share. */
  readonly client: StoreClient;
  /** A client with a connection of its own. */
  connect(): StoreClient;
  stop(): Promise<void>;
}

export interface TestServerOptions {
  /** Of the data. Default: a new one, which goes when the test ends. */
  readonly folder?: string;
  /** Besides those that every test server has. */
  readonly flags?: Flags;
  /** When it is stopped. Default: when the running test ends. */
  readonly onEnd?: OnEnd;
}

/** A real server on loopback, in this process, for the running test. */
export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const { onEnd = onTestFinished } = options;
  const folder = options.folder ?? (await temporaryFolder(onEnd));
  const running = await startServer(readSettings(flagsFor(folder, options.flags), {}));
  onEnd(() => running.stop());
  const { address } = running;
  return {
    address,
    folder,
    running,
    client: connect(address, onEnd),
    connect: () => connect(address),
    stop: () => running.stop(),
  };
}

/** A free port of loopback, a short grace and a quiet log. */
export function flagsFor(folder: string, flags: Flags = {}): Flags {
  return {
    data: folder,
    listen: "127.0.0.1:0",
    "log-level": "silent",
    "stop-grace-seconds": "2",
    ...flags,
  };
}
