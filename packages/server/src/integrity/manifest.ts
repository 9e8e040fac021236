import { BinaryReader } from "@bufbuild/protobuf/wire";
import type { DamagedPlace } from "./file-finding.js";
import { readLogFile } from "./log-file.js";

/** What a manifest says of the files of its database. */
export interface Manifest {
  /** Logs from this number on hold what is in no table yet. */
  readonly logNumber: number;
  /** 0, or one more log: a relic of early versions of LevelDB. */
  readonly previousLogNumber: number;
  /** Sequence number of the last write that the manifest knows of. */
  readonly lastSequence: number;
  /** Sequence number of a write that is in a table; few are later. */
  readonly sequenceInTables: number;
  /** Sizes of the tables in bytes, by their numbers. */
  readonly tables: ReadonlyMap<number, number>;
}

/** The fields of a `VersionEdit`. All numbers are varints, as in protobuf. */
const Field = {
  comparator: 1,
  logNumber: 2,
  nextFileNumber: 3,
  lastSequence: 4,
  compactPointer: 5,
  deletedTable: 6,
  newTable: 7,
  previousLogNumber: 9,
} as const;

/** Reads a manifest: a log of edits that are made one after the other. */
export function readManifest(bytes: Buffer): {
  readonly manifest: Manifest;
  readonly damage: readonly DamagedPlace[];
  /** Where the last edit begins, if the write of it was not finished. */
  readonly unfinishedAt?: number;
} {
  const { records, damage, unfinishedAt } = readLogFile(bytes);
  const edited = new EditedManifest();
  const wrong: DamagedPlace[] = [];
  for (const { offset, content } of records) {
    try {
      edited.apply(new BinaryReader(content));
    } catch {
      wrong.push({ offset, what: "an edit does not decode" });
    }
  }
  if (records.length === 0) wrong.push({ offset: 0, what: "it holds nothing" });
  return {
    manifest: edited,
    damage: [...damage, ...wrong],
    ...(unfinishedAt !== undefined && { unfinishedAt }),
  };
}

class EditedManifest implements Manifest {
  readonly tables = new Map<number, number>();
  logNumber = 0;
  previousLogNumber = 0;
  lastSequence = 0;
  sequenceInTables = 0;

  /** Throws if it does not decode. */
  apply(edit: BinaryReader): void {
    const added: Table[] = [];
    while (edit.pos < edit.len) {
      const field = edit.uint32();
      if (field === Field.newTable) added.push(readTable(edit));
      else this.#apply(field, edit);
    }
    // An edit that moves a table deletes it and adds it, in this order.
    for (const { number, bytes, sequence } of added) {
      this.tables.set(number, bytes);
      this.sequenceInTables = Math.max(this.sequenceInTables, sequence);
    }
  }

  #apply(field: number, edit: BinaryReader): void {
    if (field === Field.logNumber) this.logNumber = readNumber(edit);
    else if (field === Field.previousLogNumber) this.previousLogNumber = readNumber(edit);
    else if (field === Field.lastSequence) this.lastSequence = readNumber(edit);
    else if (field === Field.nextFileNumber) readNumber(edit);
    else if (field === Field.comparator) edit.bytes();
    else if (field === Field.compactPointer) {
      edit.uint32();
      edit.bytes();
    } else if (field === Field.deletedTable) {
      edit.uint32();
      this.tables.delete(readNumber(edit));
    } else throw new RangeError(`unknown field ${field}`);
  }
}

interface Table {
  readonly number: number;
  readonly bytes: number;
  /** The later one of its first and its last key. */
  readonly sequence: number;
}

function readTable(edit: BinaryReader): Table {
  edit.uint32();
  const [number, bytes] = [readNumber(edit), readNumber(edit)];
  return { number, bytes, sequence: Math.max(readSequence(edit), readSequence(edit)) };
}

/** Of a key as tables have it, which ends with `(sequence << 8 | kind):u64le`. */
function readSequence(edit: BinaryReader): number {
  const { buffer, byteOffset, length } = edit.bytes();
  const key = Buffer.from(buffer, byteOffset, length);
  return Number(key.readBigUInt64LE(length - 8) >> 8n);
}

function readNumber(edit: BinaryReader): number {
  return Number(edit.uint64());
}
