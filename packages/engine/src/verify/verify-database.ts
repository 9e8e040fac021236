import { KeySpace } from "../format/constants.js";
import { blockKey, keyNumber } from "../format/keys.js";
import type { Database } from "../log/database.js";
import { DatabaseView } from "./database-view.js";
import { EntryChecks } from "./entry-checks.js";
import { type Finding, Findings, isNumberedKey } from "./finding.js";
import { Pace } from "./pace.js";

export interface VerifyOptions {
  /** Bytes of keys and values that are read in a second, at most. Default: no limit. */
  readonly bytesPerSecondMax?: number | undefined;
  /** Ends the check: its reason is thrown. */
  readonly signal?: AbortSignal | undefined;
}

/** What a check tells: how far it is, what it finds, and in the end a summary. */
export type VerifyReport = VerifyProgress | VerifyFinding | VerifySummary;

export interface VerifyProgress {
  readonly type: "progress";
  /** Every block up to here has been checked. What is stored beside the log follows. */
  readonly position: number;
  readonly head: number;
  /** Keys and values read so far. */
  readonly bytes: number;
}

export interface VerifyFinding {
  readonly type: "finding";
  readonly finding: Finding;
}

export interface VerifySummary {
  readonly type: "summary";
  readonly head: number;
  /** In blocks that are whole. */
  readonly events: number;
  /** In the index. */
  readonly streams: number;
  /** Blocks that are whole. */
  readonly blocks: number;
  /** Keys and values read. */
  readonly bytes: number;
  readonly findings: number;
  /** Chain value of the last block; absent if there is none, or it is damaged. */
  readonly chain?: Buffer;
}

/**
 * Checks everything that a database stores, as it is when the check begins. Damage
 * is never thrown: the check goes on, and tells of everything that it finds. It
 * changes nothing, and its memory is bounded.
 *
 * Throws the signal's reason, or what the database throws when it is closed.
 * REQUIRES: nobody writes, if the database does not support explicit snapshots.
 */
export async function* verifyDatabase(
  db: Database,
  options: VerifyOptions = {},
): AsyncGenerator<VerifyReport> {
  const findings = new Findings();
  await using view = new DatabaseView(db, findings, new Pace(options));
  const head = await headOf(view, findings);
  const checks = new EntryChecks(view, findings, head);
  const news = function* (): Generator<VerifyReport> {
    for (const finding of findings.take()) yield { type: "finding", finding };
    yield { type: "progress", position: checks.log.position, head, bytes: view.bytes };
  };
  for await (const entries of view.walk({})) {
    for (const [key, value] of entries) await checks.look(key, value);
    yield* news();
  }
  for await (const _ of checks.finish()) yield* news();
  yield* news();
  yield summaryOf(checks, view.bytes, findings.count);
}

/** The last position that a block is stored for, damaged or not; 0 if there is none. */
async function headOf(view: DatabaseView, findings: Findings): Promise<number> {
  let end: Buffer = Buffer.of(KeySpace.block + 1);
  for (;;) {
    const last = await view.first({ gte: blockKey(0), lt: end, reverse: true });
    if (last && isNumberedKey(last[0])) return keyNumber(last[0]);
    // Where the end of the log cannot be read, nothing is known to be beyond it.
    if (!last) return findings.count === 0 ? 0 : Number.MAX_SAFE_INTEGER;
    end = last[0];
  }
}

function summaryOf({ log, index }: EntryChecks, bytes: number, findings: number): VerifySummary {
  const { position: head, events, blocks, chain } = log;
  const { streams } = index;
  const counts = { type: "summary", head, events, streams, blocks, bytes, findings } as const;
  return chain && blocks > 0 ? { ...counts, chain } : counts;
}
