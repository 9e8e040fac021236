import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { damagedFile, type FileFinding } from "./file-finding.js";
import type { LevelFolder } from "./level-folder.js";
import { type LogRecord, readLogFile } from "./log-file.js";
import type { Manifest } from "./manifest.js";

/** What is wrong with the logs of a database, which hold its newest writes. */
export async function checkLogs({ path, manifest, logs }: LevelFolder): Promise<FileFinding[]> {
  const findings: FileFinding[] = [];
  const order = new WriteOrder(manifest);
  for (const { name } of logs) {
    const { records, damage } = readLogFile(await readFile(join(path, name)));
    const wrong = records.flatMap((record) => {
      const what = order.wrongAt(record);
      return what === undefined ? [] : [{ offset: record.offset, what }];
    });
    findings.push(...[...damage, ...wrong].map((place) => damagedFile(name, place)));
    if (damage.length > 0) order.forget();
  }
  return findings;
}

/** A record begins with these: `sequence:u64le count:u32le`. */
const RECORD_HEADER_BYTES = 12;

/**
 * Writes are numbered: those of a record follow on those of the record before, also
 * from log to log, so that one that is gone is noticed.
 */
class WriteOrder {
  /** What the next record must begin with, if that is known. */
  #next: number | undefined;
  /** What the first record may begin with: what is in the logs is in no table. */
  #first: { readonly min: number; readonly max: number } | undefined;

  constructor(manifest: Manifest | undefined) {
    if (!manifest) return;
    // A manifest may tell of writes of the newest log, but of no others.
    this.#first = { min: manifest.sequenceInTables + 1, max: manifest.lastSequence + 1 };
  }

  /** In words; `undefined` if nothing is wrong. */
  wrongAt({ content, isContiguous }: LogRecord): string | undefined {
    if (content.length < RECORD_HEADER_BYTES) return "a record is too short";
    const sequence = Number(content.readBigUInt64LE(0));
    const wrong = isContiguous ? this.#wrongFor(sequence) : undefined;
    this.#next = sequence + content.readUInt32LE(8);
    this.#first = undefined;
    return wrong;
  }

  #wrongFor(sequence: number): string | undefined {
    const { min, max } = this.#first ?? { min: 0, max: Number.POSITIVE_INFINITY };
    if (sequence < min) return "the log is of another time, or of another database";
    const isLate = this.#next === undefined ? sequence > max : sequence !== this.#next;
    return isLate ? "writes before it are missing" : undefined;
  }

  /** After damage nothing is known. */
  forget(): void {
    this.#next = undefined;
    this.#first = undefined;
  }
}
