import { DATABASE_FORMAT, KeySpace } from "../format/constants.js";
import { formatKey } from "../format/keys.js";
import { AppendIdCheck } from "./append-id-check.js";
import type { DatabaseView } from "./database-view.js";
import { type Findings, placeOf } from "./finding.js";
import { IndexCheck } from "./index-check.js";
import { IndexComparison } from "./index-comparison.js";
import { IndexTally } from "./index-tally.js";
import { LogCheck } from "./log-check.js";
import { SnapshotCheck } from "./snapshot-check.js";
import { UnknownPositions } from "./unknown-positions.js";

/** Looks at every entry of a database, in the order of the keys, and then at what they say together. */
export class EntryChecks {
  readonly log: LogCheck;
  readonly index: IndexCheck;
  readonly #appendIds: AppendIdCheck;
  readonly #snapshots: SnapshotCheck;
  readonly #comparison: IndexComparison;
  #hasFormat = false;
  #hasEntries = false;

  constructor(
    view: DatabaseView,
    private readonly findings: Findings,
    head: number,
  ) {
    const tally = new IndexTally(head);
    const unknown = new UnknownPositions();
    this.log = new LogCheck(findings, tally, unknown);
    this.index = new IndexCheck(findings, tally, head);
    this.#appendIds = new AppendIdCheck(view, findings, head);
    this.#snapshots = new SnapshotCheck(view, findings);
    this.#comparison = new IndexComparison(view, findings, tally, unknown);
  }

  async look(key: Buffer, value: Buffer): Promise<void> {
    this.#hasEntries = true;
    switch (key[0]) {
      case KeySpace.block:
        return this.log.look(key, value);
      case KeySpace.category:
      case KeySpace.stream:
      case KeySpace.tag:
      case KeySpace.type:
        return this.index.look(key, value);
      case KeySpace.appendId:
        return this.#appendIds.lookAtId(key, value);
      case KeySpace.appendIdExpiry:
        return this.#appendIds.lookAtExpiry(key, value);
      case KeySpace.snapshot:
        return this.#snapshots.look(key, value);
      default:
        return this.#lookAtOther(key, value);
    }
  }

  /** REQUIRES: every entry has been looked at. Yields now and then, so that findings can be taken. */
  async *finish(): AsyncGenerator<void> {
    // A database that nothing has been written to has no format yet.
    if (this.#hasEntries && !this.#hasFormat) {
      this.findings.add({ kind: "format", message: "the format number is missing" });
    }
    yield* this.#appendIds.compare();
    yield* this.#comparison.run();
  }

  #lookAtOther(key: Buffer, value: Buffer): void {
    if (!key.equals(formatKey)) {
      const message = "an entry has a key of no known form";
      this.findings.add({ kind: "key-unknown", message, ...placeOf(key) });
      return;
    }
    this.#hasFormat = true;
    const format = value.toString();
    if (format === String(DATABASE_FORMAT)) return;
    const message = `the format is ${JSON.stringify(format)}, this version knows ${DATABASE_FORMAT}`;
    this.findings.add({ kind: "format", message });
  }
}
