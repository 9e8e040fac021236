import { type BlockMatch, type Cursor, type Direction, isBefore } from "./cursor.js";

/** Fruitless steps after which an intersection says how far it has come: a turn may be over. */
const STEPS_MAX = 32;

/** Nobody else gets on while a cursor steps along what it has read: others are let on this often. */
export type Rest = () => Promise<void> | undefined;

const neverRest: Rest = () => undefined;

/**
 * Events that match any of the cursors. One after the other is moved, and only those
 * that are behind the target.
 */
export function union(
  cursors: readonly Cursor[],
  direction: Direction,
  rest: Rest = neverRest,
): Cursor {
  if (cursors.length === 1) return cursors[0] as Cursor;
  /** Where each cursor stands; those that are past their last match are left out. */
  let standing = cursors.map((cursor): Standing => ({ cursor, match: undefined }));
  return {
    async seek(target) {
      for (const each of standing) {
        if (each.match && !isBefore(each.match.blockLast, target, direction)) continue;
        each.match = await each.cursor.seek(target);
      }
      standing = standing.filter(({ match }) => match !== undefined);
      await rest();
      return nearest(standing, direction);
    },
  };
}

interface Standing {
  readonly cursor: Cursor;
  match: BlockMatch | undefined;
}

function nearest(standing: readonly Standing[], direction: Direction): BlockMatch | undefined {
  let found: BlockMatch | undefined;
  for (const { match } of standing) {
    if (!match) continue;
    if (!found || isBefore(match.blockLast, found.blockLast, direction)) found = match;
    else if (match.blockLast === found.blockLast) found = merge(found, match);
  }
  return found;
}

/**
 * Events that match all of the cursors. Each is made to skip to where the others are, so
 * that the one with the fewest matches says how many steps there are.
 */
export function intersection(
  cursors: readonly Cursor[],
  direction: Direction,
  rest: Rest = neverRest,
): Cursor {
  if (cursors.length === 1) return cursors[0] as Cursor;
  // Enough to have moved, whatever the number of cursors.
  const stepsMax = Math.max(STEPS_MAX, 2 * cursors.length);
  return {
    async seek(start) {
      let target = start;
      let common: BlockMatch | undefined;
      let agreeing = 0;
      for (let step = 0; step < stepsMax; step++) {
        const match = await (cursors[step % cursors.length] as Cursor).seek(target);
        if (!match) return undefined;
        const agrees = match.blockLast === common?.blockLast;
        common = common && agrees ? intersect(common, match) : match;
        agreeing = agrees ? agreeing + 1 : 1;
        target = match.blockLast;
        if (agreeing < cursors.length) continue;
        if (common.positions.length > 0) return common;
        target += direction;
        common = undefined;
        await rest();
      }
      return { blockLast: target - direction, positions: [] };
    },
  };
}

function merge(a: BlockMatch, b: BlockMatch): BlockMatch {
  const positions = [...new Set([...a.positions, ...b.positions])].sort((x, y) => x - y);
  return { blockLast: a.blockLast, positions };
}

/** REQUIRES: both are of one block. */
function intersect({ blockLast, positions }: BlockMatch, other: BlockMatch): BlockMatch {
  const common: number[] = [];
  let i = 0;
  for (const position of positions) {
    while (i < other.positions.length && (other.positions[i] as number) < position) i++;
    if (other.positions[i] === position) common.push(position);
  }
  return { blockLast, positions: common };
}
