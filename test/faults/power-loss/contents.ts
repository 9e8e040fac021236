import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Change, Journal } from "./journal.ts";

/** What a file held, and how much of it was durable. */
export interface Content {
  /** A file that holds these bytes. */
  readonly file: string;
  readonly size: number;
  /** Bytes from its beginning that were synced. */
  readonly durable: number;
}

/** Where the bytes are. */
export interface Places {
  /** The folder as it is now. */
  readonly folder: string;
  readonly graveyard: string;
}

type Cut = Extract<Change, { case: "truncate" }>;

/** Finds what files held, by their inode. */
export class Contents {
  readonly #journal: Journal;
  readonly #graveyard: string;
  readonly #files: ReadonlyMap<string, string>;

  private constructor(journal: Journal, graveyard: string, files: ReadonlyMap<string, string>) {
    this.#journal = journal;
    this.#graveyard = graveyard;
    this.#files = files;
  }

  static async find(journal: Journal, { folder, graveyard }: Places): Promise<Contents> {
    const files = new Map<string, string>();
    for (const place of [graveyard, folder]) {
      for (const entry of await readdir(place, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile()) continue;
        const file = join(entry.parentPath, entry.name);
        files.set(await inodeOf(file), file);
      }
    }
    return new Contents(journal, graveyard, files);
  }

  /** What a file held when those of its cuts were done that are in `survived`. */
  async of(inode: string, survived: ReadonlySet<number>): Promise<Content> {
    const cuts = this.#cutsOf(inode);
    const done = cuts.filter(([i]) => survived.has(i)).length;
    const durable = this.#durable(inode, cuts, done);
    const next = cuts[done]?.[1];
    const file = next ? join(this.#graveyard, next.copy) : this.#files.get(inode);
    if (file === undefined) throw new Error(`the bytes of inode ${inode} are nowhere`);
    const { size } = await stat(file);
    return size < durable ? this.#beforeLastCut(inode, durable) : { file, size, durable };
  }

  /** Of a file that was cut just before the end, when there was no time to record it. */
  async #beforeLastCut(inode: string, durable: number): Promise<Content> {
    const copies = [...this.#files.values()].filter((file) =>
      file.startsWith(join(this.#graveyard, `${inode}.`)),
    );
    for (const file of copies) {
      const { size } = await stat(file);
      if (size >= durable) return { file, size, durable };
    }
    throw new Error(`inode ${inode} has less than the ${durable} bytes that were synced`);
  }

  #cutsOf(inode: string): [number, Cut][] {
    return this.#journal.flatMap((line, i): [number, Cut][] =>
      line.case === "truncate" && line.inode === inode ? [[i, line]] : [],
    );
  }

  /** Of what it held after so many cuts. */
  #durable(inode: string, cuts: readonly [number, Cut][], done: number): number {
    const sizes = this.#journal.flatMap((line) => {
      if (line.case !== "sync" || line.inode !== inode) return [];
      return cuts.filter(([i]) => i < line.begin).length === done ? [line.size] : [];
    });
    const last = cuts[done - 1]?.[1];
    const left = last ? Math.min(last.size, this.#durable(inode, cuts, done - 1)) : 0;
    return Math.max(left, ...sizes);
  }
}

/** As the shim writes it. */
export async function inodeOf(file: string): Promise<string> {
  return `${(await stat(file, { bigint: true })).ino}`;
}
