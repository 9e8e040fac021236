import { once } from "node:events";
import { createServer as createWebServer } from "node:http";
import { constants, createServer as createHttp2Server } from "node:http2";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { afterEach, describe, expect, it } from "vitest";
import { type ConnectOptions, connect } from "./connect.js";
import { UnreachableError } from "./errors.js";
import { TestServer } from "./test-support/http2-server.js";
import { collect, QUICK, rejectionOf } from "./test-support/service.js";

const servers: Server[] = [];
const sockets = new Set<Socket>();

afterEach(() => {
  for (const socket of sockets) socket.destroy();
  for (const server of servers.splice(0)) server.close();
});

/** Starts a server that is no Varve server. Returns its address. */
async function listening(server: Server): Promise<string> {
  servers.push(server);
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.once("close", () => sockets.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** How every kind of call fails at an address. */
async function failuresAt(address: string, options: ConnectOptions = {}): Promise<unknown[]> {
  await using client = connect(address, { retry: QUICK, connectTimeoutMs: 200, ...options });
  return await Promise.all([
    rejectionOf(client.append("order-1", { type: "order.Placed" })),
    rejectionOf(client.status()),
    rejectionOf(client.read("order-1").toArray()),
    rejectionOf(collect(client.subscribe())),
  ]);
}

/** An answer of a gRPC server that knows nothing of events. */
const UNIMPLEMENTED = {
  ":status": 200,
  "content-type": "application/grpc",
  "grpc-status": "12",
  "grpc-message": "unknown service varve.v1.EventStoreService",
} as const;

// Each of them used to be "Protocol error", "HTTP 404" or "socket hang up", after 7 s.
describe("what listens at the address and is no Varve server", () => {
  const greeting = (text: string) => createServer((socket) => socket.write(text));

  it.each([
    ["a web server", () => createWebServer((_, response) => response.end("hello"))],
    ["a server that speaks first, such as SSH", () => greeting("SSH-2.0-OpenSSH_9.6\r\n")],
    ["a mail server", () => greeting("220 mail.example ESMTP\r\n")],
  ] as const)("is told of at once: %s", async (_, start) => {
    const address = await listening(start());
    for (const error of await failuresAt(address)) {
      expect(error).toMatchObject({ code: "FAILED_PRECONDITION", reason: "WRONG_PEER" });
      expect(String(error)).toContain(`what listens on ${address} does not speak HTTP/2`);
      expect(String(error)).toContain("is it a Varve server?");
    }
  });

  it.each([
    ["of web pages", 200, "text/html"],
    ["that does not know the path", 404, "text/plain"],
    ["that takes no gRPC", 415, ""],
  ] as const)("is told of at once: a server of HTTP/2 %s", async (_, status, type) => {
    const server = createHttp2Server((_request, response) => {
      response.writeHead(status, { "content-type": type }).end("hello");
    });
    const address = await listening(server as unknown as Server);
    for (const error of await failuresAt(address)) {
      expect(error).toMatchObject({ reason: "WRONG_PEER" });
      const answer = `${address} answers HTTP ${status}, without gRPC; is it a Varve server?`;
      expect(String(error)).toContain(answer);
    }
  });

  it("is told of at once: a server of gRPC that offers something else", async () => {
    const server = createHttp2Server();
    server.on("stream", (stream) => stream.respond(UNIMPLEMENTED, { endStream: true }));
    const address = await listening(server as unknown as Server);
    for (const error of await failuresAt(address)) {
      expect(error).toMatchObject({ code: "UNIMPLEMENTED", reason: "WRONG_PEER" });
      expect(String(error)).toContain(`${address} speaks gRPC, but does not offer this call`);
    }
  });

  it.each([
    ["a server of TLS", () => createTlsServer()],
    ["one that hangs up", () => createServer((socket) => socket.end())],
    ["one that is cut off in its first word", () => createServer((socket) => socket.end("\0"))],
  ] as const)("is told of after all tries: %s", async (_, start) => {
    const address = await listening(start() as Server);
    for (const error of await failuresAt(address)) {
      expect(error).toBeInstanceOf(UnreachableError);
      expect(String(error)).toContain(`what listens on ${address}`);
      expect(String(error)).toContain("is it a Varve server?");
    }
  });

  // A server that was suspended held every call for 325 s.
  it("is told of once it has said nothing for the connect timeout", async () => {
    const address = await listening(createServer((socket) => socket.resume()));
    for (const error of await failuresAt(address, { retry: { attempts: 2, baseDelayMs: 1 } })) {
      expect(error).toBeInstanceOf(UnreachableError);
      expect(String(error)).toContain(`what listens on ${address} says nothing for 200 ms`);
    }
  });

  it("is told of when the call has no more time, though tries are left", async () => {
    const address = await listening(createServer((socket) => socket.resume()));
    const options = { retry: { attempts: 1_000, baseDelayMs: 1 }, timeoutMs: 500 };
    for (const error of await failuresAt(address, options)) {
      expect(error).toBeInstanceOf(UnreachableError);
      expect(String(error)).toContain("says nothing for 200 ms");
    }
  });
});

describe("nobody at the address", () => {
  it("is told of, with what to do", async () => {
    const server = createServer();
    const address = await listening(server);
    server.close();
    for (const error of await failuresAt(address)) {
      expect(error).toBeInstanceOf(UnreachableError);
      expect(String(error)).toContain(`nobody listens on ${address} (ECONNREFUSED)`);
      expect(String(error)).toContain("varve serve");
    }
  });

  it("is told of if there is no such host", async () => {
    for (const error of await failuresAt("varve.invalid:4270")) {
      expect(error).toBeInstanceOf(UnreachableError);
      expect(String(error)).toContain("there is no host varve.invalid");
    }
  });
});

describe("a server that is there again after something else was", () => {
  it("is waited for: what was a server once may be one again", async () => {
    const service = { getStream: () => ({ exists: false }) };
    const first = await TestServer.start(service);
    const { address, port } = first;
    await using client = connect(address, { retry: { ...QUICK, attempts: 1_000 } });
    await client.getStream("order-1");
    await first[Symbol.asyncDispose]();
    const web = createWebServer((_, response) => response.writeHead(503).end());
    web.listen(port, "127.0.0.1");
    await once(web, "listening");
    const info = client.getStream("order-1");
    await once(web, "clientError");
    web.closeAllConnections();
    web.close();
    await once(web, "close");
    await using _ = await TestServer.start(service, port);
    expect(await info).toBeUndefined();
  });
});

// Whatever it was sent, one session refused it, and the client never made another one.
describe("a session that refuses whatever it is asked", () => {
  it("is replaced", async () => {
    let sessions = 0;
    const server = createHttp2Server();
    server.on("session", (session) => {
      const number = ++sessions;
      session.on("stream", (stream) => {
        stream.on("error", () => undefined);
        if (number === 1) stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM);
        else stream.respond(UNIMPLEMENTED, { endStream: true });
      });
    });
    const address = await listening(server as unknown as Server);
    await using client = connect(address, { retry: { ...QUICK, attempts: 5 } });
    expect(await rejectionOf(client.status())).toMatchObject({ code: "UNIMPLEMENTED" });
    expect(sessions).toBe(2);
  });
});
