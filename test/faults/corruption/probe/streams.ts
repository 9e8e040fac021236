import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  GetStreamRequestSchema,
  GetStreamResponseSchema,
  ListStreamsRequestSchema,
  ListStreamsResponseSchema,
  type StreamInfo,
} from "@varve/proto";
import type { CallObservation } from "../observation.ts";
import { failureOf, type RawClient } from "./raw-client.ts";

/** Asks what the server knows of each stream, one by one and as a list. */
export async function askStreams(
  client: RawClient,
  workspace: string,
  lastRevisions: ReadonlyMap<string, number>,
): Promise<CallObservation[]> {
  const streams = [...lastRevisions.keys()];
  const found = await Promise.all([
    ...streams.map((stream) =>
      observe(
        `get stream ${stream}`,
        new Map([[stream, lastRevisions.get(stream) as number]]),
        () => getStream(client, workspace, stream),
      ),
    ),
    observe("list streams", lastRevisions, () => listStreams(client, workspace)),
  ]);
  return found.filter((call) => call !== undefined);
}

/** `undefined` if it is as before: streams may have grown, and new ones may be there. */
async function observe(
  call: string,
  lastRevisions: ReadonlyMap<string, number>,
  answer: () => Promise<readonly StreamInfo[]>,
): Promise<CallObservation | undefined> {
  try {
    const infos = await answer();
    const known = new Map(infos.map((info) => [info.stream, Number(info.lastRevision)]));
    const missing = [...lastRevisions].filter(([stream, last]) => (known.get(stream) ?? -1) < last);
    if (missing.length === 0) return undefined;
    return { call, failure: undefined, missing: missing.length, hasGap: false, wrong: [] };
  } catch (error) {
    const missing = lastRevisions.size;
    return { call, failure: failureOf(error), missing, hasGap: false, wrong: [] };
  }
}

async function getStream(
  client: RawClient,
  workspace: string,
  stream: string,
): Promise<readonly StreamInfo[]> {
  const request = create(GetStreamRequestSchema, { workspace, stream });
  const bytes = await client.unary("GetStream", toBinary(GetStreamRequestSchema, request));
  const { info } = fromBinary(GetStreamResponseSchema, bytes);
  return info ? [info] : [];
}

async function listStreams(client: RawClient, workspace: string): Promise<readonly StreamInfo[]> {
  const request = create(ListStreamsRequestSchema, { workspace, pageSize: 1000 });
  const bytes = await client.unary("ListStreams", toBinary(ListStreamsRequestSchema, request));
  return fromBinary(ListStreamsResponseSchema, bytes).streams;
}
