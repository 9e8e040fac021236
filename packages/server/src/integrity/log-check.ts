import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { damagedFile, type FileFinding } from "./file-finding.js";
import type { LevelFolder } from "./level-folder.js";
import { type LogRecord, readLogFile } from "./log-file.js";

/** What is wrong with the logs of a database, which hold its newest writes. */
export async function checkLogs({ path, manifest, logs }: LevelFolder): Promise<FileFinding[]> {
  const findings: FileFinding[] = [];
  const order = new WriteOrder(manifest?.lastSequence);
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
  /** What the first record may begin with: a part of the logs may be in tables already. */
  #firstMax: number | undefined;

  constructor(lastInTables: number | undefined) {
    if (lastInTables !== undefined) this.#firstMax = lastInTables + 1;
  }

  /** In words; `undefined` if nothing is wrong. */
  wrongAt({ content, isContiguous }: LogRecord): string | undefined {
    if (content.length < RECORD_HEADER_BYTES) return "a record is too short";
    const sequence = Number(content.readBigUInt64LE(0));
    const isKnown = isContiguous && this.#next !== undefined;
    const isLate = this.#firstMax !== undefined && sequence > this.#firstMax;
    const isWrong = isKnown ? sequence !== this.#next : isContiguous && isLate;
    this.#next = sequence + content.readUInt32LE(8);
    this.#firstMax = undefined;
    return isWrong ? "writes before it are missing" : undefined;
  }

  /** After damage nothing is known. */
  forget(): void {
    this.#next = undefined;
    this.#firstMax = undefined;
  }
}
