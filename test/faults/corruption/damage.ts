import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Random } from "../random.ts";
import { type DataFile, dataFiles, type FileType } from "./files.ts";
import { TWINS } from "./prepare.ts";

/** What happens to files. */
export const damageKinds = [
  "one flipped bit",
  "several flipped bits",
  "512 zero bytes",
  "512 bytes of garbage",
  "cut off",
  "deleted",
  "an older copy",
  "swapped",
] as const;
export type DamageKind = (typeof damageKinds)[number];

/** One damage to one data folder. */
export interface Damage {
  readonly kind: DamageKind;
  readonly file: DataFile;
  /** Those that it touches, below the data folder: one or two. */
  readonly databases: readonly string[];
  /** What is left of a log is how it began: that its end is gone cannot be noticed. */
  readonly endsEarly: boolean;
  /** One line, for example `byte 17 of workspaces/default/000005.ldb: bit 3 flipped`. */
  readonly description: string;
  /** Does it. */
  apply(folder: string): Promise<void>;
}

/** What damage is made from. */
export interface DamageSource {
  /** A data folder that no server uses. */
  readonly folder: string;
  /** Copies from before, oldest first. */
  readonly older: readonly string[];
}

/** How often each type of file is chosen: most of what can go wrong is in the first ones. */
const weights: Readonly<Record<FileType, number>> = {
  ".ldb": 8,
  ".log": 8,
  MANIFEST: 4,
  CURRENT: 2,
  LOCK: 1,
  LOG: 1,
};

/** Chooses a damage that changes something. */
export async function chooseDamage(source: DamageSource, random: Random): Promise<Damage> {
  const files = await dataFiles(source.folder);
  for (;;) {
    const type = pickType(files, random);
    const file = random.pick(files.filter((candidate) => candidate.type === type));
    const damage = await makers[random.pick(damageKinds)]({ ...source, files, file, random });
    if (damage) return damage;
  }
}

function pickType(files: readonly DataFile[], random: Random): FileType {
  const types = [...new Set(files.map(({ type }) => type))];
  return random.pick(types.flatMap((type) => Array<FileType>(weights[type]).fill(type)));
}

interface Choice extends DamageSource {
  readonly files: readonly DataFile[];
  readonly file: DataFile;
  readonly random: Random;
}

/** `undefined` if it would change nothing. */
type Maker = (choice: Choice) => Promise<Damage | undefined>;

const makers: Readonly<Record<DamageKind, Maker>> = {
  "one flipped bit": (choice) => flipped(choice, "one flipped bit", 1),
  "several flipped bits": (choice) =>
    flipped(choice, "several flipped bits", choice.random.integer(2, 32)),
  "512 zero bytes": (choice) => overwritten(choice, "512 zero bytes", () => 0),
  "512 bytes of garbage": (choice) =>
    overwritten(choice, "512 bytes of garbage", () => choice.random.integer(0, 255)),
  "cut off": async ({ folder, file, random }) => {
    const { length } = await readFile(join(folder, file.path));
    if (length === 0) return undefined;
    const end = random.integer(0, length - 1);
    const what = `${file.path} cut off at byte ${end} of ${length}`;
    return changed("cut off", file, what, (bytes) => bytes.subarray(0, end), true);
  },
  deleted: async ({ file }) => ({
    kind: "deleted",
    file,
    databases: [file.database],
    endsEarly: false,
    description: `${file.path} deleted`,
    apply: (folder) => rm(join(folder, file.path)),
  }),
  "an older copy": olderCopy,
  swapped,
};

async function flipped(
  { folder, file, random }: Choice,
  kind: DamageKind,
  count: number,
): Promise<Damage | undefined> {
  const { length } = await readFile(join(folder, file.path));
  if (length === 0) return undefined;
  const bits = Array.from({ length: count }, () => ({
    at: place(length, random),
    bit: random.integer(0, 7),
  }));
  const places = bits.map(({ at, bit }) => `${at}.${bit}`).join(" ");
  return changed(kind, file, `bits ${places} of ${file.path} flipped`, (bytes) => {
    for (const { at, bit } of bits) bytes[at] = (bytes[at] as number) ^ (1 << bit);
    return bytes;
  });
}

async function overwritten(
  { folder, file, random }: Choice,
  kind: DamageKind,
  byte: () => number,
): Promise<Damage | undefined> {
  const before = await readFile(join(folder, file.path));
  const start = place(Math.max(before.length, 1), random);
  const patch = Uint8Array.from({ length: 512 }, byte);
  const end = Math.min(start + patch.length, Math.max(before.length, 1));
  const isSame = before.subarray(start, end).equals(patch.subarray(0, before.length - start));
  if (isSame) return undefined;
  const what = `${kind} at byte ${start} of ${before.length} of ${file.path}`;
  // Zeros up to the end are what a loss of power leaves.
  const endsEarly = kind === "512 zero bytes" && end >= before.length;
  const change = (bytes: Buffer): Buffer => {
    // A sector is written whole, but a file does not grow.
    bytes.set(patch.subarray(0, bytes.length - start), start);
    return bytes;
  };
  return changed(kind, file, what, change, endsEarly);
}

/** Most of a file is events; what is at its ends is of another kind, and rare otherwise. */
function place(length: number, random: Random): number {
  const edge = Math.min(length, 1024);
  const where = random.number();
  if (where < 0.2) return random.integer(length - edge, length - 1);
  if (where < 0.3) return random.integer(0, edge - 1);
  return random.integer(0, length - 1);
}

async function olderCopy({ folder, older, file, random }: Choice): Promise<Damage | undefined> {
  const from = random.pick(older);
  const alike = (await dataFiles(from)).filter(
    ({ type, database }) => type === file.type && database === file.database,
  );
  const source = alike.find(({ path }) => path === file.path) ?? alike.at(-1);
  if (!source) return undefined;
  const bytes = await readFile(join(from, source.path));
  if (bytes.equals(await readFile(join(folder, file.path)))) return undefined;
  const generation = older.indexOf(from) + 1;
  const what = `${file.path} replaced by ${source.path} of copy ${generation} of ${older.length}`;
  return changed("an older copy", file, what, () => bytes, true);
}

function areTwins(a: string, b: string): boolean {
  return a !== b && [a, b].every((database) => TWINS.includes(basename(database)));
}

async function swapped({ folder, files, file, random }: Choice): Promise<Damage | undefined> {
  const others = files.filter(({ type, path }) => type === file.type && path !== file.path);
  if (others.length === 0) return undefined;
  const twins = others.filter(({ database }) => areTwins(database, file.database));
  const other = random.pick(twins.length > 0 ? twins : others);
  const [a, b] = await Promise.all([file, other].map(({ path }) => readFile(join(folder, path))));
  if (a === undefined || b === undefined || a.equals(b)) return undefined;
  return {
    kind: "swapped",
    file,
    databases: [...new Set([file.database, other.database])],
    endsEarly: false,
    description: `${file.path} swapped with ${other.path}`,
    apply: async (target) => {
      const [one, two] = [join(target, file.path), join(target, other.path)];
      await rename(one, `${one}.swapped`);
      await rename(two, one);
      await rename(`${one}.swapped`, two);
    },
  };
}

function changed(
  kind: DamageKind,
  file: DataFile,
  description: string,
  change: (bytes: Buffer) => Buffer,
  endsEarly = false,
): Damage {
  return {
    kind,
    file,
    databases: [file.database],
    endsEarly,
    description,
    apply: async (folder) => {
      const path = join(folder, file.path);
      await writeFile(path, change(await readFile(path)));
    },
  };
}
