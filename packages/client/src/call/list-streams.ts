import type { ListStreamsRequest } from "@varve/proto";
import type { StreamInfo } from "../types.js";
import { decodeStreamInfo } from "../wire/results.js";
import { type Connection, callUnary } from "./connection.js";

/** The streams of a workspace, a page at a time, each fetched when the one before is used up. */
export async function* listStreams(
  connection: Connection,
  request: ListStreamsRequest,
  signal: AbortSignal | undefined,
): AsyncGenerator<StreamInfo, void, undefined> {
  let pageToken = "";
  do {
    const page = await callUnary(connection, signal, (options) =>
      connection.rpc.listStreams({ ...request, pageToken }, options),
    );
    for (const info of page.streams) yield decodeStreamInfo(info);
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
}
