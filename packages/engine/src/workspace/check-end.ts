import { DataCorruptError, type StoreError } from "../errors.js";
import { KeySpace } from "../format/constants.js";
import { keyNumber, prefixEnd, prefixKey } from "../format/keys.js";
import { type Database, readFirst } from "../log/database.js";
import type { EventLog } from "../log/event-log.js";
import { streamWrites } from "../write/index-writes.js";

/** Entries that are looked up at a time. */
const LOOK_UPS = 1000;

/**
 * Whether the end of the log fits what is stored beside it: what the newest
 * blocks say of their streams, which is where the streams' heads come from, and
 * that no entry knows of positions after the head. Undefined if it does.
 */
export async function findDamageAtEnd(log: EventLog): Promise<StoreError | undefined> {
  return log.damage ?? (await findLostEnd(log)) ?? (await findWrongHead(log));
}

/** The newest append ids are known by position: they tell of blocks that are gone. */
async function findLostEnd({ db, head }: EventLog): Promise<StoreError | undefined> {
  const space = KeySpace.appendIdExpiry;
  const range = { gte: prefixKey(space, ""), lt: prefixEnd(space, ""), reverse: true };
  const newest = await readFirst(db, range);
  if (!newest || keyNumber(newest[0]) <= head) return undefined;
  return new DataCorruptError(keyNumber(newest[0]), `it is missing, the log ends at ${head}`);
}

async function findWrongHead({ db, tail }: EventLog): Promise<StoreError | undefined> {
  let expected: Expected[] = [];
  for (const block of tail.blocks) {
    const { lastPosition } = block;
    expected.push(...streamWrites(block).map(({ key, value }) => ({ key, value, lastPosition })));
    if (expected.length < LOOK_UPS && block !== tail.blocks.at(-1)) continue;
    const wrong = await findWrong(db, expected);
    if (wrong) return wrong;
    expected = [];
  }
  return undefined;
}

interface Expected {
  readonly key: Buffer;
  readonly value: Buffer;
  readonly lastPosition: number;
}

async function findWrong(
  db: Database,
  expected: readonly Expected[],
): Promise<StoreError | undefined> {
  const values = await db.getMany(expected.map(({ key }) => key));
  const wrong = expected.find(({ value }, i) => !values[i]?.equals(value));
  if (!wrong) return undefined;
  const what = "what the index says of its streams is damaged or missing";
  return new DataCorruptError(wrong.lastPosition, what).with({ key: wrong.key.toString("hex") });
}
