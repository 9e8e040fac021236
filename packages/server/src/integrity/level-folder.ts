import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { damagedFile, type FileFinding, missingFile } from "./file-finding.js";
import { type Manifest, readManifest } from "./manifest.js";

/** The files of a LevelDB, as far as their names and its manifest tell. */
export interface LevelFolder {
  readonly path: string;
  /** Absent if it cannot be known. */
  readonly manifest?: Manifest;
  /** Where in the manifest the last edit begins, if the write of it was not finished. */
  readonly unfinished?: { readonly file: string; readonly offset: number };
  /** The logs that hold what is in no table yet, in their order. */
  readonly logs: readonly NumberedFile[];
  /** The tables that the manifest names. */
  readonly tables: readonly TableFile[];
  /** What is wrong with the names and the manifest. */
  readonly findings: readonly FileFinding[];
}

export interface NumberedFile {
  readonly name: string;
  readonly number: number;
}

export interface TableFile extends NumberedFile {
  /** What the manifest says, bytes. */
  readonly sizeBytes: number;
  readonly exists: boolean;
}

/** Looks at a folder. Changes nothing. */
export async function readLevelFolder(path: string): Promise<LevelFolder> {
  const names = await readdir(path);
  const logs = numbered(names, /^(\d+)\.log$/);
  const stored = new Map(numbered(names, /^(\d+)\.(?:ldb|sst)$/).map((f) => [f.number, f.name]));
  const current = await readCurrent(path, names, logs.length + stored.size > 0);
  const { manifest, findings } = current;
  if (!manifest) return { path, logs, tables: [], findings };
  const tables = [...manifest.tables].map(([number, sizeBytes]) => {
    const name = stored.get(number);
    return { number, sizeBytes, name: name ?? `${digits(number)}.ldb`, exists: name !== undefined };
  });
  return {
    ...current,
    path,
    manifest,
    tables,
    logs: logs.filter(({ number }) => isNeeded(number, manifest)),
    findings: [...findings, ...missingLog(logs, manifest)],
  };
}

/** LevelDB begins a new database, and deletes what is there, if this file is missing. */
export const CURRENT = "CURRENT";

async function readCurrent(
  path: string,
  names: readonly string[],
  hasData: boolean,
): Promise<Pick<LevelFolder, "manifest" | "unfinished" | "findings">> {
  if (!names.includes(CURRENT)) {
    const what = "nothing tells which of the other files are the database";
    return { findings: hasData ? [missingFile(CURRENT, what)] : [] };
  }
  const name = (await readFile(join(path, CURRENT))).toString("latin1");
  if (!/^MANIFEST-\d+\n$/.test(name)) {
    return { findings: [damagedFile(CURRENT, { offset: 0, what: "it names no manifest" })] };
  }
  const file = name.trimEnd();
  if (!names.includes(file)) {
    return { findings: [missingFile(file, `${CURRENT} says that it lists the files`)] };
  }
  const { manifest, damage, unfinishedAt } = readManifest(await readFile(join(path, file)));
  // What a damaged one says is not to be relied on.
  if (damage.length > 0) return { findings: damage.map((place) => damagedFile(file, place)) };
  if (unfinishedAt === undefined) return { manifest, findings: [] };
  return { manifest, unfinished: { file, offset: unfinishedAt }, findings: [] };
}

function isNeeded(number: number, { logNumber, previousLogNumber }: Manifest): boolean {
  return number >= logNumber || number === previousLogNumber;
}

/** The log that a manifest names is created before the manifest says so. */
function missingLog(logs: readonly NumberedFile[], { logNumber }: Manifest): FileFinding[] {
  if (logNumber === 0 || logs.some(({ number }) => number === logNumber)) return [];
  return [missingFile(`${digits(logNumber)}.log`, "it holds the newest writes")];
}

export function missingTable({ name }: NumberedFile): FileFinding {
  return missingFile(name, "the manifest says that it is a part of the database");
}

function numbered(names: readonly string[], pattern: RegExp): NumberedFile[] {
  return names
    .flatMap((name) => {
      const number = pattern.exec(name)?.[1];
      return number === undefined ? [] : [{ name, number: Number(number) }];
    })
    .sort((a, b) => a.number - b.number);
}

function digits(number: number): string {
  return String(number).padStart(6, "0");
}
