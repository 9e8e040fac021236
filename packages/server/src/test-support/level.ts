import { randomBytes } from "node:crypto";
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { databaseEncoding } from "@varve/engine";
import { ClassicLevel } from "classic-level";
import { onTestFinished } from "vitest";

export type Level = ClassicLevel<Buffer, Buffer>;

/** A folder of its own; it goes when the running test ends. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "varve-server-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** An open database. It is closed when the running test ends. */
export async function openLevel(path: string): Promise<Level> {
  const db: Level = new ClassicLevel(path, databaseEncoding);
  await db.open();
  onTestFinished(() => db.close());
  return db;
}

/** Writes values of a size, each in a batch of its own, compressible or not. */
export async function fill(db: Level, prefix: string, count: number, bytes: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    const value = n % 2 === 0 ? Buffer.alloc(bytes, "A") : randomBytes(bytes);
    const key = Buffer.from(`${prefix}${String(n).padStart(6, "0")}`);
    await db.batch([{ type: "put", key, value }], { sync: true });
  }
}

/** What is left of an open database if its process is killed now. */
export async function killed(path: string): Promise<string> {
  const copy = join(await temporaryFolder(), "killed");
  await cp(path, copy, { recursive: true });
  return copy;
}

/** The names of the files of a database that match, in order. */
export async function filesOf(path: string, pattern: RegExp): Promise<string[]> {
  return (await readdir(path)).filter((name) => pattern.test(name)).sort();
}

/** Changes a file, does something, and puts the file back. */
export async function withChange<T>(
  file: string,
  change: (bytes: Buffer) => Buffer,
  use: () => Promise<T>,
): Promise<T> {
  const bytes = await readFile(file);
  await writeFile(file, change(Buffer.from(bytes)));
  try {
    return await use();
  } finally {
    await writeFile(file, bytes);
  }
}

/** Changes one bit, counted from the start of the file. */
export function flip(bytes: Buffer, bit: number): Buffer {
  const at = Math.floor(bit / 8);
  bytes[at] = (bytes[at] as number) ^ (1 << (bit % 8));
  return bytes;
}
