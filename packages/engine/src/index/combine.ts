import { type BlockMatch, type Cursor, type Direction, isBefore } from "./cursor.js";

/** Fruitless steps after which an intersection says how far it has come. */
const STEPS_MAX = 256;

/** Events that match any of the cursors. */
export function union(cursors: readonly Cursor[], direction: Direction): Cursor {
  if (cursors.length === 1) return cursors[0] as Cursor;
  return {
    async seek(target) {
      const matches = await Promise.all(cursors.map((cursor) => cursor.seek(target)));
      return matches.reduce((nearest, match) => {
        if (!nearest || !match) return nearest ?? match;
        if (match.blockLast === nearest.blockLast) return merge(nearest, match);
        return isBefore(match.blockLast, nearest.blockLast, direction) ? match : nearest;
      }, undefined);
    },
  };
}

/** Events that match all of the cursors. */
export function intersection(cursors: readonly Cursor[], direction: Direction): Cursor {
  if (cursors.length === 1) return cursors[0] as Cursor;
  return {
    async seek(start) {
      let target = start;
      for (let step = 1; ; step++) {
        const match = await seekAll(cursors, target);
        if (!match) return undefined;
        if (match.positions.length > 0 || step === STEPS_MAX) return match;
        target = match.blockLast + direction;
      }
    },
  };
}

/** The first block at or beyond `target` that every cursor stops at. */
async function seekAll(cursors: readonly Cursor[], start: number): Promise<BlockMatch | undefined> {
  let target = start;
  let common: BlockMatch | undefined;
  let agreeing = 0;
  for (let i = 0; agreeing < cursors.length; i = (i + 1) % cursors.length) {
    const match = await (cursors[i] as Cursor).seek(target);
    if (!match) return undefined;
    if (common && match.blockLast === target) {
      common = { blockLast: target, positions: intersect(common.positions, match.positions) };
      agreeing++;
    } else {
      target = match.blockLast;
      common = match;
      agreeing = 1;
    }
  }
  return common;
}

function merge(a: BlockMatch, b: BlockMatch): BlockMatch {
  const positions = [...new Set([...a.positions, ...b.positions])].sort((x, y) => x - y);
  return { blockLast: a.blockLast, positions };
}

function intersect(a: readonly number[], b: readonly number[]): number[] {
  const inB = new Set(b);
  return a.filter((position) => inB.has(position));
}
