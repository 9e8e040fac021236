import { statSync } from "node:fs";

/**
 * A file that a database keeps open, and neither replaces nor deletes. As long as its path
 * leads to it, the folder that it is in is the one that was opened.
 */
export class HeldFile {
  readonly #identity: string | undefined;

  constructor(private readonly path: string) {
    this.#identity = identityOf(path);
  }

  isThere(): boolean {
    return identityOf(this.path) === this.#identity;
  }
}

/** `undefined` if there is no such file, which an open one never is. */
function identityOf(path: string): string | undefined {
  try {
    const { dev, ino } = statSync(path, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
}
