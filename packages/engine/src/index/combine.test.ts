import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chunkedCursor } from "./chunked-cursor.js";
import { intersection, union } from "./combine.js";
import type { BlockMatch, Cursor, Direction } from "./cursor.js";

const BLOCK = 4;

/** How much is read of what is stored. */
interface Reads {
  entries: number;
}

/** A stored list of positions, as a cursor; every four positions are a block. */
function cursorOver(
  positions: readonly number[],
  direction: Direction,
  reads: Reads = { entries: 0 },
): Cursor {
  const byBlock = new Map<number, number[]>();
  for (const position of [...positions].sort((a, b) => a - b)) {
    const blockLast = Math.ceil(position / BLOCK) * BLOCK;
    byBlock.set(blockLast, [...(byBlock.get(blockLast) ?? []), position]);
  }
  const matches = [...byBlock].map(([blockLast, found]) => ({ blockLast, positions: found }));
  if (direction === -1) matches.reverse();
  return chunkedCursor(async (target, limit) => {
    const from = matches.filter((m) => (m.blockLast - target) * direction >= 0);
    const found = from.slice(0, limit);
    reads.entries += found.length;
    return found;
  }, direction);
}

async function walk(cursor: Cursor, direction: Direction): Promise<number[]> {
  const found: number[] = [];
  let target = direction === 1 ? 1 : 100_000;
  for (let match: BlockMatch | undefined; ; target = match.blockLast + direction) {
    match = await cursor.seek(target);
    if (!match) return found.sort((a, b) => a - b);
    found.push(...match.positions);
  }
}

const positions = fc.uniqueArray(fc.integer({ min: 1, max: 400 }), { maxLength: 120 });
const lists = fc.array(positions, { minLength: 1, maxLength: 4 });
const directions = fc.constantFrom<Direction>(1, -1);

describe("cursors", () => {
  it("unite to every position of any", async () => {
    await fc.assert(
      fc.asyncProperty(lists, directions, async (all, direction) => {
        const cursor = union(
          all.map((list) => cursorOver(list, direction)),
          direction,
        );
        const expected = [...new Set(all.flat())].sort((a, b) => a - b);
        expect(await walk(cursor, direction)).toEqual(expected);
      }),
    );
  });

  it("intersect to the positions of all", async () => {
    await fc.assert(
      fc.asyncProperty(lists, directions, async (all, direction) => {
        const cursor = intersection(
          all.map((list) => cursorOver(list, direction)),
          direction,
        );
        const expected = (all[0] as number[])
          .filter((p) => all.every((list) => list.includes(p)))
          .sort((a, b) => a - b);
        expect(await walk(cursor, direction)).toEqual(expected);
      }),
    );
  });

  it("say how far they have come when an intersection finds nothing for long", async () => {
    const inEveryBlock = (shift: number): number[] =>
      Array.from({ length: 1000 }, (_, i) => i * BLOCK + 1 + shift);
    const parts = [cursorOver(inEveryBlock(0), 1), cursorOver(inEveryBlock(1), 1)];
    const match = await intersection(parts, 1).seek(1);
    expect(match?.positions).toEqual([]);
    expect(match?.blockLast).toBeLessThan(1000 * BLOCK);
  });

  it("say how far they have come also where no block has all of them", async () => {
    const everyOtherBlock = (shift: number): number[] =>
      Array.from({ length: 1000 }, (_, i) => (2 * i + shift) * BLOCK + 1);
    const parts = [cursorOver(everyOtherBlock(0), 1), cursorOver(everyOtherBlock(1), 1)];
    const match = await intersection(parts, 1).seek(1);
    expect(match?.positions).toEqual([]);
    expect(match?.blockLast).toBeGreaterThan(100);
    expect(match?.blockLast).toBeLessThan(1000 * BLOCK);
  });

  it.each([1, -1] as const)(
    "skip what the rarer side passes over, direction %i",
    async (direction) => {
      const everyBlock = Array.from({ length: 10_000 }, (_, i) => i * BLOCK + 1);
      const rare = Array.from({ length: 20 }, (_, i) => i * 500 * BLOCK + 2);
      const [ofCommon, ofRare] = [{ entries: 0 }, { entries: 0 }];
      const common = cursorOver(everyBlock, direction, ofCommon);
      const cursor = intersection([common, cursorOver(rare, direction, ofRare)], direction);
      expect(await walk(cursor, direction)).toEqual([]);
      expect(ofRare.entries).toBe(20);
      expect(ofCommon.entries).toBeLessThan(20 * 5);
    },
  );

  it("read ahead while they are walked along", async () => {
    let reads = 0;
    const cursor = chunkedCursor(async (target, limit) => {
      reads++;
      return Array.from({ length: limit }, (_, i) => ({ blockLast: target + i, positions: [] }));
    }, 1);
    for (let target = 1; target < 10_000; target++) await cursor.seek(target);
    expect(reads).toBeLessThan(20);
  });
});
