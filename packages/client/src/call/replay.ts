import {
  Direction,
  type ReplayHeader,
  type ReplayRequest,
  type ReplayResponse,
} from "@varve/proto";
import type { RecordedEvent, Replay, ReplayProgress } from "../types.js";
import { decodeBatch } from "../wire/events.js";
import { required } from "../wire/required.js";
import type { CallTerms } from "./call.js";
import type { Connection } from "./connection.js";
import { LazyStream } from "./lazy-stream.js";
import type { ServerStream } from "./server-stream.js";

type Header = Awaited<Replay["header"]>;
type OnProgress = (progress: ReplayProgress) => void;

/** A replay that begins when its header or its events are asked for. */
export class ReplayCall
  extends LazyStream<ReplayResponse, Header, RecordedEvent>
  implements Replay
{
  constructor(
    connection: Connection,
    request: ReplayRequest,
    terms: CallTerms,
    onProgress: OnProgress | undefined,
  ) {
    let progress: Progress | undefined;
    super(connection, terms, {
      open: (options) => connection.rpc.replay(request, options),
      readHeader,
      readItems: (stream, header) => {
        progress ??= new Progress(header, request, onProgress);
        return readItems(stream, progress);
      },
    });
  }
}

async function readHeader(stream: ServerStream<ReplayResponse>): Promise<Header> {
  const { frame } = required(await stream.next(), "ReplayResponse.frame");
  const header: ReplayHeader | undefined = frame.case === "header" ? frame.value : undefined;
  const { fromPosition, toPosition, head } = required(header, "ReplayResponse.header");
  return { from: fromPosition, to: toPosition, head };
}

async function readItems(
  stream: ServerStream<ReplayResponse>,
  progress: Progress,
): Promise<readonly RecordedEvent[] | undefined> {
  progress.handled();
  const next = await stream.next();
  if (next === undefined) {
    progress.ended();
    return undefined;
  }
  const { frame } = next;
  if (frame.case === "progress") progress.reached(frame.value.position);
  if (frame.case !== "events") return [];
  const events = decodeBatch(frame.value);
  progress.handsOut(events);
  return events;
}

/** Tells how far a replay has come, once per position. */
class Progress {
  readonly #range: Header;
  readonly #end: bigint | undefined;
  readonly #onProgress: OnProgress | undefined;
  #last: bigint | undefined;
  /** The last position of the events that the consumer has got and not yet dealt with. */
  #inHand: bigint | undefined;

  constructor(range: Header, request: ReplayRequest, onProgress: OnProgress | undefined) {
    this.#range = range;
    this.#end = endOf(range, request);
    this.#onProgress = onProgress;
  }

  handsOut(events: readonly RecordedEvent[]): void {
    this.#inHand = events.at(-1)?.position;
  }

  /** The consumer has dealt with what it has got, since it asks for more. */
  handled(): void {
    this.reached(this.#inHand);
    this.#inHand = undefined;
  }

  reached(position: bigint | undefined): void {
    if (position === undefined || position === this.#last) return;
    this.#last = position;
    const { from, to } = this.#range;
    this.#onProgress?.({ position, from, to });
  }

  /** What follows the last event was looked at too, though no frame says so. */
  ended(): void {
    this.reached(this.#end);
  }
}

/** Where a replay that is not cut short ends; `undefined` if that is not known. */
function endOf({ from, to }: Header, request: ReplayRequest): bigint | undefined {
  if (request.limit !== undefined || from > to) return undefined;
  return request.direction === Direction.BACKWARDS ? from : to;
}
