import type {
  ClientHttp2Stream,
  ClientSessionRequestOptions,
  OutgoingHttpHeaders,
} from "node:http2";
import { createClient, type Interceptor, type Transport } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { EventStoreService } from "@varve/proto";
import { type Address, parseAddress } from "./address.js";
import { clientOf } from "./client.js";
import { CLIENT_OPTIONS, type ClientOptions } from "./options.js";
import { Peer } from "./peer.js";
import { SessionUse } from "./session-use.js";
import { Sockets } from "./sockets.js";
import type { EventStoreClient } from "./types.js";
import { checkInteger } from "./wire/checks.js";
import { encodedEventService } from "./wire/encoded-events.js";
import { checkMembers, membersOf } from "./wire/members.js";

const MIB = 2 ** 20;
const WINDOW_BYTES_MIN = 65_535;
const INT32_MAX = 2 ** 31 - 1;
const APPEND_STREAM_PATH = `/${EventStoreService.typeName}/${EventStoreService.method.appendStream.name}`;

/** Options of a client that connects to a server. */
export interface ConnectOptions extends ClientOptions {
  /**
   * A connection that does not stand after this time, or on which the server has said
   * nothing by then, counts as a failed try, ms. 1 or more; default 5,000.
   */
  readonly connectTimeoutMs?: number;
  /**
   * While calls run, the server is asked for a sign of life after this much
   * silence, so that a connection that died without a word is noticed, ms. 1 or
   * more; default 30,000.
   */
  readonly pingIntervalMs?: number;
  /**
   * A connection whose server does not answer a ping in this time is closed, and
   * its calls are retried as after any lost connection, ms. 1 or more; default 10,000.
   */
  readonly pingTimeoutMs?: number;
  /**
   * How many bytes the server may send ahead of the reader, for each read,
   * replay and subscription. More is faster over a long way, and takes as much
   * memory. 65,535 or more; default 1 MiB.
   */
  readonly receiveWindowBytes?: number;
}

/** What the options of a connection may have, besides those of a client. */
export const CONNECTION_OPTIONS: Readonly<
  Record<Exclude<keyof ConnectOptions, keyof ClientOptions>, true>
> = {
  connectTimeoutMs: true,
  pingIntervalMs: true,
  pingTimeoutMs: true,
  receiveWindowBytes: true,
};

const CONNECT_OPTIONS = membersOf<ConnectOptions>({ ...CLIENT_OPTIONS, ...CONNECTION_OPTIONS });

/**
 * A client of the server at an address: `host:port`, `[ipv6]:port`, or either after
 * `http://`; without a port it is 4270. It speaks gRPC over HTTP/2 without TLS, over one
 * connection, which is made by the first call and made anew after it broke.
 *
 * Throws `TypeError` for an address that is none, `TypeError` or `RangeError`
 * for a wrong option.
 */
export function connect(address: string, options: ConnectOptions = {}): EventStoreClient {
  checkMembers(options, CONNECT_OPTIONS, "options");
  const { transport, close } = openTransport(address, options);
  return clientOf(createClient(encodedEventService, transport), { ...options, close });
}

/**
 * A transport to the server at an address, and how to close what is under it.
 * @internal
 */
export interface OpenTransport {
  readonly transport: Transport;
  /** Ends what is running. Resolves when the connection is closed. */
  close(): Promise<void>;
}

/**
 * Throws as `connect` does.
 * @internal
 */
export function openTransport(address: string, options: ConnectOptions): OpenTransport {
  const parsed = parseAddress(address);
  const peer = new Peer(parsed);
  const sessions = new Sessions(parsed, peer, options);
  const transport = createGrpcTransport({
    baseUrl: urlOf(parsed),
    sessionManager: sessions,
    interceptors: [explaining(peer)],
    // Events are small, and the processor is busier than the network.
    acceptCompression: [],
  });
  return { transport, close: () => sessions.close() };
}

/** Calls that fail before they are answered say what is wrong with the server, or the way there. */
function explaining(peer: Peer): Interceptor {
  return (next) => async (request) => {
    try {
      return await next(request);
    } catch (reason) {
      throw request.signal.aborted ? reason : peer.explain(reason);
    }
  };
}

function urlOf({ text }: Address): string {
  return `http://${text}`;
}

/** The connection, one at a time, with windows that suit long answers. */
class Sessions extends Http2SessionManager {
  readonly #use: SessionUse;
  readonly #sockets: Sockets;

  constructor(address: Address, peer: Peer, options: ConnectOptions) {
    const {
      connectTimeoutMs = 5_000,
      pingIntervalMs = 30_000,
      pingTimeoutMs = 10_000,
      receiveWindowBytes = MIB,
    } = options;
    checkInteger(connectTimeoutMs, "connectTimeoutMs", 1, INT32_MAX);
    checkInteger(pingIntervalMs, "pingIntervalMs", 1, INT32_MAX);
    checkInteger(pingTimeoutMs, "pingTimeoutMs", 1, INT32_MAX);
    checkInteger(receiveWindowBytes, "receiveWindowBytes", WINDOW_BYTES_MIN, INT32_MAX);
    const sockets = new Sockets(connectTimeoutMs);
    super(
      urlOf(address),
      { pingIntervalMs, pingTimeoutMs },
      {
        settings: { initialWindowSize: receiveWindowBytes },
        // What waits to be sent counts as memory of a session. Once it is more than Node
        // allows by default, 10 MB, Node refuses every answer to the session, for ever.
        maxSessionMemory: Number.MAX_SAFE_INTEGER,
        createConnection: () => {
          const socket = sockets.connect(address);
          peer.connecting(socket);
          return socket;
        },
      },
    );
    this.#use = new SessionUse(receiveWindowBytes, peer);
    this.#sockets = sockets;
  }

  close(): Promise<void> {
    this.abort();
    return this.#sockets.close();
  }

  override async request(
    method: string,
    path: string,
    headers: OutgoingHttpHeaders,
    options: Omit<ClientSessionRequestOptions, "signal">,
  ): Promise<ClientHttp2Stream> {
    const stream = await super.request(method, path, headers, options);
    // The append call stays open while it is idle: it alone must not keep the process alive.
    this.#use.opened(stream, !path.endsWith(APPEND_STREAM_PATH));
    return stream;
  }
}
