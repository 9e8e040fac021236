import { LRUCache } from "lru-cache";
import type { Block } from "../format/block.js";
import { KeySpace } from "../format/constants.js";
import { readTerm } from "../index/plan.js";
import type { Database } from "../log/database.js";

/** What the tags that are kept take in memory together, about, bytes. */
const BYTES_MAX = 4 * 1024 * 1024;
/** What a tag takes besides its name, about, bytes. */
const TAG_OVERHEAD_BYTES = 150;
/** What a tag has that no event carries. */
const NEVER = 0;

interface Loading {
  readonly promise: Promise<number>;
  /** Where the tag was last published meanwhile. */
  newest: number;
}

/**
 * The newest position of each tag that conditions ask about. Who decides on what has a
 * tag appends more of it: what is looked up once is known from then on, because the
 * writer tells what follows.
 */
export class TagHeads {
  readonly #newest: LRUCache<string, number>;
  readonly #loading = new Map<string, Loading>();

  constructor(private readonly db: Database) {
    this.#newest = new LRUCache({
      maxSize: BYTES_MAX,
      sizeCalculation: (_, tag) => TAG_OVERHEAD_BYTES + 2 * tag.length,
    });
  }

  /** Where the tag was last published, 0 if nowhere; `undefined` if that has to be loaded. */
  get(tag: string): number | undefined {
    return this.#newest.get(tag);
  }

  /** Reads it from the index. Throws DATA_CORRUPT. */
  load(tag: string): Promise<number> {
    const known = this.#newest.get(tag);
    if (known !== undefined) return Promise.resolve(known);
    const loading = this.#loading.get(tag) ?? { promise: this.#load(tag), newest: NEVER };
    this.#loading.set(tag, loading);
    return loading.promise;
  }

  /** Takes in a block that has become durable. */
  published(block: Block): void {
    if (this.#newest.size === 0 && this.#loading.size === 0) return;
    for (const [i, { tags }] of block.headers().entries()) {
      const position = block.firstPosition + i;
      for (const tag of tags) {
        if (this.#newest.has(tag)) this.#newest.set(tag, position);
        const loading = this.#loading.get(tag);
        if (loading) loading.newest = position;
      }
    }
  }

  async #load(tag: string): Promise<number> {
    try {
      const stored = await newestPosition(this.db, tag);
      const newest = Math.max(stored, this.#loading.get(tag)?.newest ?? NEVER);
      this.#newest.set(tag, newest);
      return newest;
    } finally {
      this.#loading.delete(tag);
    }
  }
}

async function newestPosition(db: Database, tag: string): Promise<number> {
  const [newest] = await readTerm(db, KeySpace.tag, tag, -1)(Number.MAX_SAFE_INTEGER, 1);
  return newest?.positions.at(-1) ?? NEVER;
}
