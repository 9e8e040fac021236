/** What is wrong with a backup, or with a series of them. */
export type BackupFault =
  /** It is not a backup, or not what was written. */
  | "BACKUP_DAMAGED"
  /** A newer version wrote it. */
  | "BACKUP_TOO_NEW"
  /** Between two backups of a series one is missing. */
  | "BACKUP_MISSING"
  /** It is of another log than the backups before it. */
  | "OTHER_LOG"
  /** The backups do not reach the position or time that was asked for. */
  | "NOT_REACHED";

/** Where in a backup the fault is. */
export interface BackupPlace {
  /** Byte of the backup at which the damaged part begins. */
  readonly offset?: number;
  /** Everything up to this position is whole. */
  readonly position?: number;
}

/** A backup cannot be used. The message is a part of a sentence for people. */
export class BackupError extends Error {
  override readonly name = "BackupError";

  constructor(
    readonly fault: BackupFault,
    message: string,
    readonly place: BackupPlace = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** The same error, of a backup that has a name. */
  of(name: string): BackupError {
    return new BackupError(this.fault, `${name}: ${this.message}`, this.place, { cause: this });
  }
}

/** A backup is not what was written. `position` is the last one that is known to be whole. */
export function damagedBackup(
  what: string,
  offset: number,
  position?: number,
  cause?: unknown,
): BackupError {
  const after = position === undefined ? "" : `, after position ${position}`;
  const place = { offset, ...(position !== undefined && { position }) };
  const message = `the backup is damaged at byte ${offset}${after}: ${what}`;
  return new BackupError("BACKUP_DAMAGED", message, place, { cause });
}
