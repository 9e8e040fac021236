import type { ListStreamsRequest } from "@varve/proto";
import type { StreamInfo } from "../types.js";
import { decodeStreamInfo } from "../wire/results.js";
import type { Call, CallTerms } from "./call.js";
import type { Connection } from "./connection.js";
import type { BatchSource } from "./iteration.js";
import { withRetry } from "./retry.js";

/** The streams of a workspace, a page at a time, each fetched when the one before is used up. */
export class StreamPages implements BatchSource<StreamInfo> {
  readonly #connection: Connection;
  readonly #request: ListStreamsRequest;
  readonly #terms: CallTerms;
  #call: Call | undefined;
  /** Names the page that is next; `undefined` after the last one. */
  #pageToken: string | undefined = "";

  constructor(connection: Connection, request: ListStreamsRequest, terms: CallTerms) {
    this.#connection = connection;
    this.#request = request;
    this.#terms = terms;
  }

  async next(): Promise<readonly StreamInfo[] | undefined> {
    if (this.#pageToken === undefined) return undefined;
    const { calls, retry, rpc } = this.#connection;
    this.#call ??= calls.begin(this.#terms);
    const call = this.#call;
    const request = { ...this.#request, pageToken: this.#pageToken };
    const { streams, nextPageToken } = await withRetry(retry, call, () =>
      rpc.listStreams(request, { signal: call.signal }),
    );
    this.#pageToken = nextPageToken === "" ? undefined : nextPageToken;
    return streams.map(decodeStreamInfo);
  }

  end(): void {
    this.#call?.end();
  }
}
