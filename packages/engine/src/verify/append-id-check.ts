import { crc32 } from "node:zlib";
import { fromBinary } from "@bufbuild/protobuf";
import { AppendResponseSchema } from "@varve/proto";
import { checkedContent } from "../format/checked-value.js";
import { KeySpace } from "../format/constants.js";
import { appendIdExpiryKey, appendIdKey, keyNumber } from "../format/keys.js";
import { readExpiry } from "../write/append-ids.js";
import type { DatabaseView, Entry } from "./database-view.js";
import { type Finding, type Findings, isNumberedKey, placeOf, whyDamaged } from "./finding.js";
import { Tally } from "./tally.js";

/** Parts of the ids that sums are made of. */
const PARTS = 4096;
const ID_BYTES = 16;
const HASH_BYTES = 16;

const IDS = { gte: Buffer.of(KeySpace.appendId), lt: Buffer.of(KeySpace.appendId + 1) };
const EXPIRIES = {
  gte: Buffer.of(KeySpace.appendIdExpiry),
  lt: Buffer.of(KeySpace.appendIdExpiry + 1),
};

/**
 * Checks append ids, and the entries that list them so that they can expire. Sums
 * tell whether each id is listed once; if not, `compare` finds which are not.
 */
export class AppendIdCheck {
  readonly #tally = new Tally(PARTS);

  constructor(
    private readonly view: DatabaseView,
    private readonly findings: Findings,
    private readonly head: number,
  ) {}

  lookAtId(key: Buffer, value: Buffer): void {
    const last = this.#orDamage(key, () => lastPositionOf(key, value));
    if (last === undefined) return;
    const checksum = crc32(key.subarray(1));
    this.#tally.find(partOf(checksum), checksum);
    if (last > this.head) this.#beyondHead(key, last);
  }

  lookAtExpiry(key: Buffer, value: Buffer): void {
    const ids = this.#orDamage(key, () => idsListed(key, value));
    if (ids === undefined) return;
    for (const checksum of ids.map((id) => crc32(id))) {
      this.#tally.demand(partOf(checksum), checksum);
    }
    if (keyNumber(key) > this.head) this.#beyondHead(key, keyNumber(key));
  }

  /** Finds the ids that are not listed once. Yields now and then, so that findings can be taken. */
  async *compare(): AsyncGenerator<void> {
    if (this.#tally.differing().next().done) return;
    let before = 0;
    for await (const entries of this.view.walk(EXPIRIES)) {
      for (const entry of entries) before = await this.#compareExpiry(entry, before);
      yield;
    }
    for await (const entries of this.view.walk(IDS)) {
      for (const entry of entries) await this.#compareId(entry);
      yield;
    }
  }

  /** Every id listed must be there, of an append of this group: after the group before. */
  async #compareExpiry([key, value]: Entry, before: number): Promise<number> {
    if (!isNumberedKey(key)) return before;
    const position = keyNumber(key);
    const ids = readable(() => idsListed(key, value)) ?? [];
    const keys = ids.filter((id) => this.#isSuspect(id)).map((id) => appendIdKey(id));
    const values = await this.view.getMany(keys);
    for (const [i, idKey] of keys.entries()) {
      const found = values[i];
      const last = found && readable(() => lastPositionOf(idKey, found));
      const add = (kind: Finding["kind"], message: string): void =>
        this.findings.add({ kind, position, message, ...placeOf(idKey) });
      if (!found) add("entry-missing", `an append id that is listed at ${position} is missing`);
      else if (last !== undefined && (last > position || last <= before)) {
        add(
          "entry-unaccounted",
          `an append id is listed at ${position}, its append ended at ${last}`,
        );
      }
    }
    return position;
  }

  /** The first entry at or after an append is that of its group. */
  async #compareId([key, value]: Entry): Promise<void> {
    const id = key.subarray(1);
    const last = this.#isSuspect(id) ? readable(() => lastPositionOf(key, value)) : undefined;
    if (last === undefined) return;
    const expiry = await this.view.first({ gte: appendIdExpiryKey(last), lt: EXPIRIES.lt });
    const ids = expiry ? readable(() => idsListed(...expiry)) : [];
    if (!ids || ids.some((listed) => listed.equals(id))) return;
    const message = "an append id is not listed, and would never expire";
    this.findings.add({ kind: "entry-unaccounted", position: last, message, ...placeOf(key) });
  }

  #isSuspect(id: Buffer): boolean {
    return this.#tally.differs(partOf(crc32(id)));
  }

  #orDamage<T>(key: Buffer, read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      const message = `an entry of append ids is damaged: ${whyDamaged(error)}`;
      this.findings.add({ kind: "entry-damaged", message, ...placeOf(key) });
      return undefined;
    }
  }

  #beyondHead(key: Buffer, position: number): void {
    const message = `an append id is of position ${position}, the log ends at ${this.head}`;
    this.findings.add({ kind: "beyond-head", position, message, ...placeOf(key) });
  }
}

function partOf(checksum: number): number {
  return checksum % PARTS;
}

/** Where the append of an id ended. Throws if the entry is damaged. */
function lastPositionOf(key: Buffer, value: Buffer): number {
  if (key.length !== 1 + ID_BYTES) throw new RangeError("its key has another form");
  const content = checkedContent(key, value);
  const response = fromBinary(AppendResponseSchema, content.subarray(HASH_BYTES));
  const { firstPosition, lastPosition } = response;
  if (firstPosition >= 1n && firstPosition <= lastPosition) return Number(lastPosition);
  throw new RangeError("it has no positions");
}

/** The ids that an entry lists. Throws if it is damaged. */
function idsListed(key: Buffer, value: Buffer): readonly Buffer[] {
  if (!isNumberedKey(key)) throw new RangeError("its key has another form");
  const { ids } = readExpiry(key, value);
  if (ids.length > 0) return ids;
  throw new RangeError("it lists no ids");
}

function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
