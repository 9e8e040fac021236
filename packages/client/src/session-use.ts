import type { ClientHttp2Session, ClientHttp2Stream, Http2Session } from "node:http2";
import type { Peer } from "./peer.js";

/**
 * Decides which streams of an HTTP/2 session keep the process alive. The
 * session manager lets any open stream do so; here only those do that hold.
 */
export class SessionUse {
  /** Open streams that hold, per session. */
  readonly #holding = new WeakMap<Http2Session, number>();
  readonly #windowBytes: number;
  readonly #peer: Peer;

  /** `peer`: is told of sessions and streams. */
  constructor(windowBytes: number, peer: Peer) {
    this.#windowBytes = windowBytes;
    this.#peer = peer;
  }

  /** A stream was opened. Until it closes it keeps the process alive, if it holds. */
  opened(stream: ClientHttp2Stream, holds: boolean): void {
    const session = stream.session as ClientHttp2Session | undefined;
    if (session === undefined || session.destroyed) return;
    if (!this.#holding.has(session)) this.#begin(session);
    this.#peer.opened(stream, session);
    if (holds) stream.once("close", () => this.#change(session, -1));
    this.#change(session, holds ? 1 : 0);
  }

  #begin(session: ClientHttp2Session): void {
    this.#holding.set(session, 0);
    this.#peer.began(session);
    // The window of a session is not part of its settings, and is small by default.
    session.setLocalWindowSize(this.#windowBytes);
    // The manager no longer listens to a session that it has closed. One that
    // fails even then has told its streams; it must not end the process too.
    session.on("error", () => undefined);
  }

  #change(session: ClientHttp2Session, by: number): void {
    const holding = (this.#holding.get(session) ?? 0) + by;
    this.#holding.set(session, holding);
    if (session.destroyed) return;
    if (holding > 0) session.ref();
    else session.unref();
  }
}
