import type { DamagedPlace } from "./file-finding.js";
import {
  endOfBlock,
  type Fault,
  FRAGMENT_HEADER_BYTES,
  type Fragment,
  FragmentType,
  isUnfinished,
  readFragment,
} from "./log-fragment.js";

/** One record of a log or manifest. */
export interface LogRecord {
  readonly offset: number;
  readonly content: Buffer;
  /** Whether it follows on the record before without damage in between. */
  readonly isContiguous: boolean;
}

/** What a log or manifest holds. */
export interface LogFile {
  readonly records: readonly LogRecord[];
  readonly damage: readonly DamagedPlace[];
  /** Where the last record begins, if the write of it was not finished. */
  readonly unfinishedAt?: number;
}

/**
 * Reads a file of LevelDB's log format. LevelDB passes over what is damaged in
 * silence; here it is told apart from the end of a write that was not finished.
 */
export function readLogFile(bytes: Buffer): LogFile {
  const reader = new LogFileReader(bytes);
  reader.run();
  return reader;
}

class LogFileReader implements LogFile {
  readonly records: LogRecord[] = [];
  readonly damage: DamagedPlace[] = [];
  unfinishedAt?: number;
  /** The fragments of the record that has begun. */
  #open: { readonly offset: number; readonly contents: Buffer[] } | undefined;
  #isContiguous = true;
  /** After damage, up to the next record that begins. */
  #isLost = false;

  constructor(private readonly bytes: Buffer) {}

  run(): void {
    let at = 0;
    while (at < this.bytes.length) {
      const left = endOfBlock(at) - at;
      const found = left < FRAGMENT_HEADER_BYTES ? undefined : readFragment(this.bytes, at);
      if (typeof found === "object") {
        this.#take(found, at);
        at = found.end;
      } else if (found && isUnfinished(this.bytes, at, found)) {
        this.unfinishedAt = this.#open?.offset ?? at;
        return;
      } else {
        // What follows in the block cannot be told apart; LevelDB does not read it either.
        if (found) this.#fail(at, sentences[found]);
        at += left;
      }
    }
  }

  #take({ type, content }: Fragment, at: number): void {
    const begins = type === FragmentType.full || type === FragmentType.first;
    if (begins && this.#open) this.#fail(this.#open.offset, "a record has no end");
    if (!begins && !this.#open) {
      if (!this.#isLost) this.#fail(at, "a record has no beginning");
      return;
    }
    this.#isLost = false;
    this.#open ??= { offset: at, contents: [] };
    this.#open.contents.push(content);
    if (type === FragmentType.full || type === FragmentType.last) this.#close(this.#open);
  }

  #close({ offset, contents }: { offset: number; contents: Buffer[] }): void {
    const content = contents.length === 1 ? (contents[0] as Buffer) : Buffer.concat(contents);
    this.records.push({ offset, content, isContiguous: this.#isContiguous });
    this.#open = undefined;
    this.#isContiguous = true;
  }

  #fail(offset: number, what: string): void {
    this.damage.push({ offset, what });
    this.#open = undefined;
    this.#isContiguous = false;
    this.#isLost = true;
  }
}

const sentences: Record<Fault, string> = {
  "cut off": "a record has a wrong length",
  zeros: "there are zeros where a record must be",
  "wrong length": "a record has a wrong length",
  "wrong checksum": "a record does not match its checksum",
  "unknown type": "a record is of an unknown type",
};
