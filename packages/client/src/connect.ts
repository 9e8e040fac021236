import type {
  ClientHttp2Stream,
  ClientSessionRequestOptions,
  OutgoingHttpHeaders,
} from "node:http2";
import { createClient, type Transport } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { EventStoreService } from "@varve/proto";
import { clientOf } from "./client.js";
import { CLIENT_OPTIONS, type ClientOptions } from "./options.js";
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
   * A connection that does not stand after this time counts as a failed try, ms.
   * 1 or more; default 5,000.
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
 * A client of the server at an address: `host:port`, `[ipv6]:port`, or a URL
 * that starts with `http://`. It speaks gRPC over HTTP/2 without TLS, over one
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

/** A transport to the server at an address, and how to close what is under it. */
export interface OpenTransport {
  readonly transport: Transport;
  /** Ends what is running. Resolves when the connection is closed. */
  close(): Promise<void>;
}

/** Throws as `connect` does. */
export function openTransport(address: string, options: ConnectOptions): OpenTransport {
  const url = parseAddress(address);
  const sessions = new Sessions(url, options);
  const transport = createGrpcTransport({
    baseUrl: url.href,
    sessionManager: sessions,
    // Events are small, and the processor is busier than the network.
    acceptCompression: [],
  });
  return { transport, close: () => sessions.close() };
}

function parseAddress(address: string): URL {
  const isUrl = /^[a-z][a-z0-9+.-]*:\/\//i.test(address);
  const text = isUrl ? address : `http://${address}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const hasPort = isUrl || /:\d+$/.test(address);
  if (url?.protocol !== "http:" || !hasPort) {
    throw new TypeError(`The address must be host:port or start with http://, but is "${address}"`);
  }
  return url;
}

/** The connection, one at a time, with windows that suit long answers. */
class Sessions extends Http2SessionManager {
  readonly #use: SessionUse;
  readonly #sockets: Sockets;

  constructor(url: URL, options: ConnectOptions) {
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
      url,
      { pingIntervalMs, pingTimeoutMs },
      {
        settings: { initialWindowSize: receiveWindowBytes },
        createConnection: (authority) => sockets.connect(authority),
      },
    );
    this.#use = new SessionUse(receiveWindowBytes);
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
