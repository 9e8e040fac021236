import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { Connections, type ConnectionsOptions } from "./connections.js";

interface Front {
  readonly connections: Connections;
  readonly counts: { begun: number; tooMany: number };
  /** What those who have begun have sent. */
  readonly received: string[];
  /** A client that is connected, and perhaps says something. */
  client(says?: string): Promise<Socket>;
}

async function front(options: Partial<ConnectionsOptions>): Promise<Front> {
  const counts = { begun: 0, tooMany: 0 };
  const received: string[] = [];
  const connections = new Connections({
    max: 100,
    onBegin: (socket) => {
      counts.begun++;
      socket.on("data", (bytes: Buffer) => received.push(bytes.toString())).resume();
    },
    onTooMany: () => counts.tooMany++,
    ...options,
  });
  const server = createServer((socket) => connections.add(socket)).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    connections.destroy();
  });
  const { port } = server.address() as AddressInfo;
  const client = async (says = ""): Promise<Socket> => {
    const socket = connect(port, "127.0.0.1").on("error", () => {});
    onTestFinished(() => void socket.destroy());
    await once(socket, "connect");
    socket.resume().write(says);
    return socket;
  };
  return { connections, counts, received, client };
}

const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

async function closed(socket: Socket): Promise<void> {
  if (!socket.closed) await once(socket, "close");
}

describe("connections", () => {
  it("are handed over with all that their clients have sent", async () => {
    const { counts, received, client } = await front({});
    const socket = await client(PREFACE.slice(0, 5));
    await sleep(20);
    expect(counts.begun).toBe(0);
    socket.write(`${PREFACE.slice(5)} and more`);
    await expect.poll(() => received.join("")).toBe(`${PREFACE} and more`);
    expect(counts.begun).toBe(1);
  });

  it("are handed over as soon as they turn out to be of something else", async () => {
    const { received, client } = await front({});
    await client("GET / HTTP/1.1\r\n");
    await expect.poll(() => received.join("")).toBe("GET / HTTP/1.1\r\n");
  });

  it("whose clients stay silent are cut off, those that begin slowly too", async () => {
    const { connections, counts, client } = await front({ silenceMs: 200 });
    const spoken = await client(PREFACE);
    const silent = await client();
    const slow = await client();
    const writing = setInterval(() => slow.write("P"), 1000).unref();
    onTestFinished(() => clearInterval(writing));
    slow.write("P");
    await Promise.all([closed(silent), closed(slow)]);
    await expect.poll(() => connections.count).toBe(1);
    expect(spoken.closed).toBe(false);
    expect(counts).toEqual({ begun: 1, tooMany: 0 });
  });

  it("are closed at once if there are too many", async () => {
    const { connections, counts, client } = await front({ max: 2 });
    const spoken = [await client(PREFACE), await client(PREFACE)];
    await expect.poll(() => counts.begun).toBe(2);
    await closed(await client(PREFACE));
    expect(counts).toEqual({ begun: 2, tooMany: 1 });
    expect(spoken.map((socket) => socket.closed)).toEqual([false, false]);
    spoken[0]?.destroy();
    await expect.poll(() => connections.count).toBe(1);
    await client(PREFACE);
    await expect.poll(() => counts.begun).toBe(3);
  });

  it("that have said nothing for longest make way for new ones", async () => {
    const { connections, counts, client } = await front({ max: 3 });
    const spoken = await client(PREFACE);
    const silent = [await client(), await client()];
    await expect.poll(() => connections.count).toBe(3);
    const late = await client(PREFACE);
    await closed(silent[0] as Socket);
    await expect.poll(() => counts).toEqual({ begun: 2, tooMany: 1 });
    expect([spoken, silent[1], late].map((socket) => socket?.closed)).toEqual([
      false,
      false,
      false,
    ]);
    expect(connections.count).toBe(3);
  });

  // A stop must not cut off the last words of calls: it waits for clients to leave.
  it("are waited for until the last has left", async () => {
    const { connections, counts, client } = await front({});
    await connections.gone();
    const clients = [await client(PREFACE), await client(PREFACE)];
    await expect.poll(() => counts.begun).toBe(2);
    let gone = false;
    const left = connections.gone().then(() => {
      gone = true;
    });
    clients[0]?.destroy();
    await expect.poll(() => connections.count).toBe(1);
    expect(gone).toBe(false);
    clients[1]?.destroy();
    await left;
  });
});
