import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type Http2Server, type ServerHttp2Session } from "node:http2";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Random } from "../random.ts";
import { defaultRoot } from "../server.ts";
import { importSdk } from "./sdk.ts";
import { TcpProxy } from "./tcp-proxy.ts";

const ANY_WINDOW = 2 ** 31 - 1;
const GRPC = { ":status": 200, "content-type": "application/grpc+proto" };

/** It takes whatever comes, and answers nothing. */
let server: Http2Server;
let sessions: ServerHttp2Session[];
let calls: number;
let proxy: TcpProxy;

beforeEach(async () => {
  server = createServer({ settings: { initialWindowSize: ANY_WINDOW } });
  sessions = [];
  calls = 0;
  server.on("session", (session) => {
    session.setLocalWindowSize(ANY_WINDOW);
    session.on("error", () => undefined);
    sessions.push(session);
  });
  server.on("stream", (stream) => {
    stream.on("error", () => undefined).resume();
    stream.respond(GRPC);
    calls++;
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  proxy = await TcpProxy.start(`127.0.0.1:${port}`, new Random(1));
});

afterEach(async () => {
  await proxy[Symbol.asyncDispose]();
  for (const session of sessions) session.destroy();
  server.close();
  await once(server, "close");
});

// Its story: runs of faults did not end, though all their clients had been closed. A session
// left its socket open until everything was sent, and until the server closed it, too.
it("a program ends that closes its client after the server said goodbye and fell silent", async () => {
  const program = start(`
    const following = (async () => { for await (const _ of client.subscribe()); })();
    await told;
    await client.close();
    await following;`);
  await untilSubscribed();
  sessions[0]?.goaway();
  await untilArrived();
  silence();
  expect(await program.close()).toBe(0);
});

it("a program ends that closes its client while it has more to send than is taken", async () => {
  const program = start(`
    const following = (async () => { for await (const _ of client.subscribe()); })();
    await told;
    const data = new Uint8Array(900_000);
    const appends = Array.from({ length: 48 }, () => client.append("s", { type: "T", data }));
    const outcomes = Promise.allSettled(appends);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await client.close();
    await Promise.all([following, outcomes]);`);
  await untilSubscribed();
  silence();
  expect(await program.close()).toBe(0);
});

// Its story: a connection that was closed while it was asked for a sign of life was replaced
// by a new one, which stayed.
it("a client that is closed while its connection is being verified keeps none open", async () => {
  const { connect } = await importSdk();
  const client = connect(proxy.address, { pingIntervalMs: 10, retry: { attempts: 1 } });
  const following = (async () => {
    for await (const _ of client.subscribe());
  })();
  await untilSubscribed();
  silence();
  await sleep(50);
  const verifying = client.status().catch(() => undefined);
  await sleep(50);
  await client.close();
  await Promise.all([following, verifying]);
  proxy.links[0]?.reset();
  await sleep(100);
  await vi.waitFor(() => expect(proxy.links).toEqual([]), { timeout: 30_000 });
});

async function untilSubscribed(): Promise<void> {
  await vi.waitFor(() => expect(calls).toBe(1), { timeout: 30_000 });
  await untilArrived();
}

/** The client has all that the server has sent so far. */
function untilArrived(): Promise<void> {
  return new Promise((resolve) => {
    sessions[0]?.ping(() => resolve());
  });
}

/** Nothing passes any more, and nobody is told. */
function silence(): void {
  for (const link of proxy.links) {
    link.up.way = { kind: "black hole" };
    link.down.way = { kind: "black hole" };
  }
}

/** A program with a client. It is told when to close it, and should then come to its end. */
function start(body: string): { close(): Promise<number | null> } {
  const sdk = new URL("packages/client/dist/index.js", defaultRoot()).href;
  const program = `
    import { connect } from "${sdk}";
    const told = new Promise((resolve) => process.once("SIGUSR2", resolve));
    const client = connect("${proxy.address}");
    ${body}
    // Keeps nothing alive: it is there in case that something else does.
    setTimeout(() => process.exit(1), 20_000).unref();`;
  const args = ["--input-type=module", "--eval", program];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"] });
  const exited = once(child, "exit") as Promise<[number | null]>;
  const close = async (): Promise<number | null> => {
    child.kill("SIGUSR2");
    return (await exited)[0];
  };
  return { close };
}
