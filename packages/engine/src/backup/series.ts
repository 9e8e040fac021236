import { BackupError } from "./backup-error.js";

/** The positions that a backup covers. */
export interface Span {
  /** Exclusive. */
  readonly after: number;
  /** Inclusive. */
  readonly head: number;
}

/**
 * The backups, in order, that lead from the beginning as far as any of them
 * reaches, or as far as `toPosition`: as few as possible. Overlaps do no harm, and
 * what is not needed is left out. Throws `BackupError` if one is missing.
 */
export function planSeries<T extends Span>(
  backups: readonly T[],
  toPosition: number = Number.MAX_SAFE_INTEGER,
): readonly T[] {
  const plan: T[] = [];
  for (let position = 0; position < toPosition; ) {
    const next = furthest(backups, position);
    if (!next) {
      checkNoneIsMissing(backups, position);
      break;
    }
    plan.push(next);
    position = next.head;
  }
  return plan.length > 0 ? plan : backups.slice(0, 1);
}

/** Of those that follow on a position the one that reaches furthest, and of these the shortest. */
function furthest<T extends Span>(backups: readonly T[], position: number): T | undefined {
  return backups
    .filter(({ after, head }) => after <= position && head > position)
    .reduce<T | undefined>(
      (best, each) => (best && !isBetter(each, best) ? best : each),
      undefined,
    );
}

function isBetter(a: Span, b: Span): boolean {
  return a.head > b.head || (a.head === b.head && a.after > b.after);
}

function checkNoneIsMissing(backups: readonly Span[], position: number): void {
  const later = backups.filter(({ head }) => head > position).map(({ after }) => after);
  if (later.length === 0) return;
  const which = position === 0 ? "from the beginning" : `that follows on position ${position}`;
  const message = `the backup ${which} is missing: the next begins after position ${Math.min(...later)}`;
  throw new BackupError("BACKUP_MISSING", message, { position });
}
