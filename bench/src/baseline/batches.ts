import { databaseEncoding, EventStore, memoryStorage } from "@varve/engine";
import { ClassicLevel } from "classic-level";
import { AppendRequests } from "../load/append-requests.ts";
import { eventsInBlock, KeySpace } from "./layout.ts";

export type Level = ClassicLevel<Buffer, Buffer>;
type Batch = ReturnType<Level["batch"]>;
type Write = { readonly type: "put"; readonly key: Buffer; readonly value: Buffer };

/** One write of the engine, and how many events are in it. */
export interface CapturedBatch {
  readonly writes: readonly Write[];
  readonly events: number;
}

export interface CaptureOptions {
  readonly eventsPerAppend: number;
  /** Appends that wait at a time: the engine puts them together. */
  readonly inFlight: number;
  /** How many to append. */
  readonly events: number;
  readonly seed: number;
}

/**
 * What the engine writes to LevelDB for a load: the same keys and bytes, in the same
 * batches. `folder` is for its database, and must be empty.
 */
export async function captureBatches(
  folder: string,
  options: CaptureOptions,
): Promise<readonly CapturedBatch[]> {
  const batches: CapturedBatch[] = [];
  const store = new EventStore(memoryStorage(() => capturing(folder, batches)));
  const requests = new AppendRequests(options.seed, options);
  let left = Math.ceil(options.events / options.eventsPerAppend);
  const append = async (): Promise<void> => {
    while (left-- > 0) await store.append(Buffer.from(requests.next()));
  };
  await Promise.all(Array.from({ length: options.inFlight }, append));
  await store.close();
  return batches;
}

/** The engine makes its batches one write at a time. */
function capturing(folder: string, batches: CapturedBatch[]): Level {
  const db: Level = new ClassicLevel(folder, databaseEncoding);
  const begin = db.batch.bind(db) as () => Batch;
  const batch = (): Batch => {
    const begun = begin();
    const writes: Write[] = [];
    const [put, write] = [begun.put.bind(begun), begun.write.bind(begun)];
    return Object.assign(begun, {
      put: (key: Buffer, value: Buffer) => {
        writes.push({ type: "put", key, value });
        return put(key, value);
      },
      write: (options: object) => {
        batches.push({ writes, events: eventsIn(writes) });
        return write(options);
      },
    });
  };
  return Object.assign(db, { batch });
}

/** Bytes that LevelDB puts into its log for a batch, but for a few of each record. */
export function logBytes({ writes }: CapturedBatch): number {
  let bytes = 12;
  for (const { key, value } of writes) bytes += 4 + key.length + value.length;
  return bytes;
}

function eventsIn(writes: readonly Write[]): number {
  let events = 0;
  for (const { key, value } of writes) {
    if (key[0] === KeySpace.block) events += eventsInBlock(value);
  }
  return events;
}

/**
 * Moves the keys of a batch on, so that it can be written again as what follows,
 * not over what is there: those that end with a number by `distance`, which must
 * not be less than the greatest of them; those of append ids to another id.
 */
export function moveOn({ writes }: CapturedBatch, distance: number): void {
  for (const { key } of writes) {
    const end = key.length - 4;
    if (key[0] === KeySpace.appendId) key.writeUInt32BE((key.readUInt32BE(end) + 1) >>> 0, end);
    else key.writeUInt32BE((key.readUInt32BE(end) + distance) >>> 0, end);
  }
}
