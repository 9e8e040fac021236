import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  constants,
  type IncomingHttpHeaders,
} from "node:http2";
import type { Socket } from "node:net";
import { Code, ConnectError } from "@connectrpc/connect";
import type { Address } from "./address.js";
import { UnreachableError, VarveError } from "./errors.js";

/** How a stream is refused before anybody has looked at it. */
const REFUSED: ReadonlySet<number> = new Set([
  constants.NGHTTP2_REFUSED_STREAM,
  constants.NGHTTP2_ENHANCE_YOUR_CALM,
]);
/** Streams in a row that a session has refused, after which another one is tried. */
const REFUSALS_MAX = 3;

/** One connection, as far as the other end has shown what it is. */
interface Connected {
  readonly socket: Socket;
  /** It speaks HTTP/2. */
  speaksHttp2: boolean;
}

/**
 * Who listens at an address. Says in a sentence why calls fail if it cannot be reached, or
 * is no Varve server; and leaves a session that refuses whatever it is asked.
 */
export class Peer {
  readonly #address: Address;
  #latest: Connected | undefined;
  /** How it has answered, if not as a gRPC server does. */
  #oddity: string | undefined;
  /** Whether it has ever answered as a gRPC server does. */
  #known = false;
  readonly #refusals = new WeakMap<ClientHttp2Session, number>();

  constructor(address: Address) {
    this.#address = address;
  }

  /** A connection begins. */
  connecting(socket: Socket): void {
    this.#latest = { socket, speaksHttp2: false };
  }

  /** The first stream of a session. */
  began(session: ClientHttp2Session): void {
    const connected = this.#latest;
    session.once("remoteSettings", () => {
      if (connected) connected.speaksHttp2 = true;
    });
  }

  /** Any stream. */
  opened(stream: ClientHttp2Stream, session: ClientHttp2Session): void {
    let answered = false;
    stream.once("response", (headers) => {
      answered = true;
      this.#refusals.delete(session);
      this.#answered(headers);
    });
    stream.once("close", () => {
      if (!answered && REFUSED.has(stream.rstCode ?? 0)) this.#refused(session);
    });
  }

  /** Why a call failed that was not answered, in words that tell what to do; or as it was. */
  explain(reason: unknown): unknown {
    const error = ConnectError.from(reason);
    if (error.isWireError) return this.#explainStatus(error);
    const { socket, speaksHttp2 = true } = this.#latest ?? {};
    const why = this.#whyNot(systemErrorOf(error) ?? socket?.errored);
    if (why !== undefined) return new UnreachableError(why, { cause: reason });
    const { text } = this.#address;
    if (this.#oddity !== undefined) {
      return this.#wrong(`${text} answers ${this.#oddity}, without gRPC`, reason);
    }
    if (speaksHttp2) return reason;
    if (codesOf(error).includes(PROTOCOL_ERROR)) {
      return this.#wrong(`what listens on ${text} does not speak HTTP/2 without TLS`, reason);
    }
    // It may be one that is being started or stopped, or a network that fails.
    const hangsUp = `what listens on ${text} ends the connection before it speaks HTTP/2`;
    return new UnreachableError(`${hangsUp}; ${QUESTION}`, { cause: reason });
  }

  #answered({ ":status": status, "content-type": type = "" }: IncomingHttpHeaders): void {
    const isGrpc = type.startsWith("application/grpc");
    if (isGrpc) this.#known = true;
    this.#oddity = isGrpc ? undefined : `HTTP ${status}`;
  }

  #refused(session: ClientHttp2Session): void {
    const refusals = (this.#refusals.get(session) ?? 0) + 1;
    this.#refusals.set(session, refusals);
    // What runs on it goes on; the next call gets another one.
    if (refusals >= REFUSALS_MAX && !session.closed) session.close();
  }

  /** A service that is not offered; any other status comes from the server itself. */
  #explainStatus(error: ConnectError): unknown {
    if (error.code !== Code.Unimplemented || error.details.length > 0) return error;
    const sentence = `${this.#address.text} speaks gRPC, but does not offer this call`;
    return new VarveError(`${sentence}; is it a Varve server, and not an older one?`, {
      code: "UNIMPLEMENTED",
      reason: "WRONG_PEER",
      cause: error,
    });
  }

  /** What the system says of the way to the server. */
  #whyNot(error: SystemError | null | undefined): string | undefined {
    const { host, text } = this.#address;
    const code = error?.code;
    switch (code) {
      case "ECONNREFUSED":
        return `nobody listens on ${text} (${code}); is the server started, as with \`varve serve\`, and is this its address?`;
      case "ENOTFOUND":
      case "EAI_AGAIN":
        return `there is no host ${host} (${code}); is this the address of the server?`;
      case "EHOSTUNREACH":
      case "ENETUNREACH":
      case "EACCES":
        return `there is no way to ${text} (${code})`;
      case "ETIMEDOUT":
        return error?.message;
      default:
        return undefined;
    }
  }

  /** Final, unless a server has answered there before and may answer again. */
  #wrong(sentence: string, cause: unknown): VarveError {
    const message = `${sentence}; ${QUESTION}`;
    if (this.#known) return new UnreachableError(message, { cause });
    return new VarveError(`Cannot reach the event store: ${message}`, {
      code: "FAILED_PRECONDITION",
      reason: "WRONG_PEER",
      cause,
    });
  }
}

const QUESTION = "is it a Varve server?";

/** What came was read as HTTP/2, and is none. */
const PROTOCOL_ERROR = "ERR_HTTP2_ERROR";

type SystemError = NodeJS.ErrnoException;

/** The error of the system under another one. */
function systemErrorOf(reason: unknown): SystemError | undefined {
  return codedErrors(reason).find(({ code = "" }) => /^E[A-Z]+$/.test(code));
}

function codesOf(reason: unknown): (string | undefined)[] {
  return codedErrors(reason).map(({ code }) => code);
}

/** An error and those under it, as far as they have codes as Node's have. */
function codedErrors(reason: unknown): SystemError[] {
  const errors: SystemError[] = [];
  for (let error = reason; error instanceof Error; error = error.cause) {
    if ("code" in error && typeof error.code === "string") errors.push(error as SystemError);
  }
  return errors;
}
