import type { ReadRequest, ReadResponse } from "@varve/proto";
import type { ReadHeader, RecordedEvent, StreamRead } from "../types.js";
import { decodeBatch } from "../wire/events.js";
import { required } from "../wire/required.js";
import { decodeReadHeader } from "../wire/results.js";
import { decodeSnapshot } from "../wire/snapshots.js";
import type { CallTerms } from "./call.js";
import type { Connection } from "./connection.js";
import { LazyStream } from "./lazy-stream.js";
import type { ServerStream } from "./server-stream.js";

/** A read that begins when its header or its events are asked for. */
export class ReadCall
  extends LazyStream<ReadResponse, ReadHeader, RecordedEvent>
  implements StreamRead
{
  constructor(connection: Connection, request: ReadRequest, terms: CallTerms) {
    super(connection, terms, {
      open: (options) => connection.rpc.read(request, options),
      readHeader: (stream) => readHeader(stream, request.useSnapshot !== undefined),
      readItems,
    });
  }

  async toArray(): Promise<RecordedEvent[]> {
    const events: RecordedEvent[] = [];
    for await (const event of this) events.push(event);
    return events;
  }
}

async function readHeader(
  stream: ServerStream<ReadResponse>,
  withSnapshot: boolean,
): Promise<ReadHeader> {
  const { frame } = required(await stream.next(), "ReadResponse.frame");
  const header = required(frame.case === "header" ? frame.value : undefined, "ReadResponse.header");
  if (!withSnapshot) return decodeReadHeader(header, undefined);
  // Only the frame after it tells whether there is a snapshot.
  const next = await stream.next();
  if (next?.frame.case === "snapshot") {
    return decodeReadHeader(header, decodeSnapshot(next.frame.value));
  }
  stream.unread(next);
  return decodeReadHeader(header, undefined);
}

async function readItems(
  stream: ServerStream<ReadResponse>,
): Promise<readonly RecordedEvent[] | undefined> {
  const next = await stream.next();
  if (next === undefined) return undefined;
  return next.frame.case === "events" ? decodeBatch(next.frame.value) : [];
}
