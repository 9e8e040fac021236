import type { Http2Session } from "node:http2";

/**
 * What a connection may have on its way to the server, bytes. With HTTP/2's own
 * 64 KiB, a large append stops again and again until the server says that it may go on.
 */
const WINDOW_BYTES = 256 * 1024;
/** What all of them may take in memory: more connections than 64 have to do with 64 KiB each. */
const WIDE_CONNECTIONS_MAX = 64;

/** Widens the windows of connections, which grpc-js does for clients only. */
export class UploadWindows {
  readonly #wide = new Set<Http2Session>();

  /** To be called with every call of a connection; the first one widens its windows. */
  widen(connection: Http2Session): void {
    if (this.#wide.has(connection) || this.#wide.size === WIDE_CONNECTIONS_MAX) return;
    if (connection.destroyed) return;
    this.#wide.add(connection);
    connection.once("close", () => this.#wide.delete(connection));
    connection.settings({ initialWindowSize: WINDOW_BYTES });
    connection.setLocalWindowSize(WINDOW_BYTES);
  }
}
