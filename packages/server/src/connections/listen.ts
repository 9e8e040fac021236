import { lookup } from "node:dns/promises";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { StartupError } from "../startup-error.js";

export interface Listening {
  /** The real one, if any free one was asked for. */
  readonly port: number;
  /** Takes no more connections in. Those that are there stay. */
  close(): void;
}

export interface ListenOptions {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  readonly onConnection: (socket: Socket) => void;
  /** Told when a connection could not be taken in; the next one may be. */
  readonly onError: (error: Error) => void;
}

/**
 * Listens at every address that the host's name stands for: `localhost` is often two.
 * Throws `StartupError`; then it listens nowhere.
 */
export async function listen(options: ListenOptions): Promise<Listening> {
  const servers: Server[] = [];
  const close = (): void => {
    for (const server of servers) server.close();
  };
  let { port } = options;
  try {
    for (const address of await addressesOf(options.host)) {
      const server = await listenAt(address, port, options.onConnection);
      if (!server) continue;
      servers.push(server);
      server.on("error", options.onError);
      ({ port } = server.address() as AddressInfo);
    }
    if (servers.length === 0) throw new Error("this machine has no such address");
  } catch (error) {
    close();
    const { host } = options;
    throw new StartupError(`cannot listen on ${host}:${options.port}: ${whyNot(error)}`, error);
  }
  return { port, close };
}

async function addressesOf(host: string): Promise<readonly string[]> {
  const name = host.replace(/^\[(.*)\]$/, "$1");
  return (await lookup(name, { all: true })).map(({ address }) => address);
}

/** `undefined` if this machine does not have the address. */
async function listenAt(
  host: string,
  port: number,
  onConnection: (socket: Socket) => void,
): Promise<Server | undefined> {
  const server = createServer({ noDelay: true }, onConnection);
  try {
    await once(server.listen({ host, port }), "listening");
    return server;
  } catch (error) {
    if (codeOf(error) === "EADDRNOTAVAIL" || codeOf(error) === "EAFNOSUPPORT") return undefined;
    throw error;
  }
}

function whyNot(error: unknown): string {
  const code = codeOf(error);
  if (code === "EADDRINUSE") return "the address is in use";
  if (code === "EACCES") return "this user may not use the port";
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "there is no such host";
  return error instanceof Error ? error.message : String(error);
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
