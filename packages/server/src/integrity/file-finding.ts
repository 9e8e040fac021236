/** A file of a database that is not as it must be. */
export interface FileFinding {
  /** `file-damaged`: bytes are not those that were written. `file-missing`: it is not there. */
  readonly kind: "file-damaged" | "file-missing";
  /** A sentence for people. It names the file. */
  readonly message: string;
  /** Name of the file in the folder of its database. */
  readonly file: string;
  /** Where the damage begins, bytes. */
  readonly offset?: number;
}

/** Bytes of a file that are not those that were written. */
export interface DamagedPlace {
  /** Bytes from the start of the file. */
  readonly offset: number;
  /** What is wrong, to go on after "at byte N: ". */
  readonly what: string;
}

export function damagedFile(file: string, { offset, what }: DamagedPlace): FileFinding {
  const message = `${file} is damaged at byte ${offset}: ${what}`;
  return { kind: "file-damaged", message, file, offset };
}

export function missingFile(file: string, what: string): FileFinding {
  return { kind: "file-missing", message: `${file} is missing: ${what}`, file };
}
