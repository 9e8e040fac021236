import { fromBinary } from "@bufbuild/protobuf";
import { SnapshotSchema } from "@varve/proto";
import { checkedContent } from "../format/checked-value.js";
import { KeySpace } from "../format/constants.js";
import { namedRangeEnd, streamKey } from "../format/keys.js";
import type { DatabaseView } from "./database-view.js";
import { type Findings, placeOf, whyDamaged } from "./finding.js";

/** Checks snapshots, by themselves and against their streams. */
export class SnapshotCheck {
  constructor(
    private readonly view: DatabaseView,
    private readonly findings: Findings,
  ) {}

  async look(key: Buffer, value: Buffer): Promise<void> {
    const name = key.toString("utf8", 1);
    const revision = this.#revisionOf(key, value, name);
    if (revision === undefined || (await this.#exists(name, revision))) return;
    const message = `the snapshot of ${JSON.stringify(name)} is of revision ${revision}, which its stream does not have`;
    this.findings.add({ kind: "beyond-head", message, ...placeOf(key) });
  }

  /** `undefined` if the snapshot is damaged. */
  #revisionOf(key: Buffer, value: Buffer, name: string): number | undefined {
    try {
      const { stream, revision } = fromBinary(SnapshotSchema, checkedContent(key, value));
      if (stream !== name) throw new RangeError(`it is of ${JSON.stringify(stream)}`);
      if (revision < 0n) throw new RangeError(`it is of revision ${revision}`);
      return Number(revision);
    } catch (error) {
      const message = `the snapshot of ${JSON.stringify(name)} is damaged: ${whyDamaged(error)}`;
      this.findings.add({ kind: "entry-damaged", message, ...placeOf(key) });
      return undefined;
    }
  }

  /** Entries of a stream are keyed by where they end. */
  async #exists(stream: string, revision: number): Promise<boolean> {
    const end = namedRangeEnd(KeySpace.stream, stream);
    const entry = await this.view.first({ gte: streamKey(stream, revision), lt: end });
    return entry !== undefined;
  }
}
