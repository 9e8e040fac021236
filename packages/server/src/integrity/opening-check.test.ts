import { readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { StoreError } from "@varve/engine";
import { ErrorReason } from "@varve/proto";
import { beforeEach, describe, expect, it } from "vitest";
import {
  filesOf,
  fill,
  flip,
  killed,
  openLevel,
  temporaryFolder,
  withChange,
} from "../test-support/level.js";
import { logOf } from "../test-support/log-writer.js";
import { readLogFile } from "./log-file.js";
import { assertOpenable, checkForOpening } from "./opening-check.js";

let path: string;
let log: string;

/** A database with tables and a log, as it is left by a process that is killed. */
beforeEach(async () => {
  const live = join(await temporaryFolder(), "live");
  const first = await openLevel(live);
  await fill(first, "a", 20, 1000);
  await first.close();
  const db = await openLevel(live);
  await fill(db, "b", 60, 1500);
  await fill(db, "c", 2, 50_000);
  path = await killed(live);
  log = join(path, (await filesOf(path, /\.log$/)).at(-1) as string);
});

async function messages(): Promise<string[]> {
  return (await checkForOpening(path)).map(({ message }) => message);
}

describe("a database that a killed process left", () => {
  it("may be opened", async () => {
    expect(await messages()).toEqual([]);
    const db = await openLevel(path);
    expect((await db.keys().all()).length).toBe(82);
  });

  it("may have a log that ends anywhere", async () => {
    const { length } = await readFile(log);
    for (let cut = length; cut >= 0; cut -= Math.ceil(length / 40)) {
      await truncate(log, cut);
      expect([cut, await messages()]).toEqual([cut, []]);
    }
  });

  it("has no bit in its log, manifest or CURRENT that flips unnoticed", async () => {
    for (const name of await filesOf(path, /\.log$|^MANIFEST|^CURRENT$/)) {
      const file = join(path, name);
      const bits = (await readFile(file)).length * 8;
      for (let bit = 0; bit < bits; bit += Math.ceil(bits / 60)) {
        const found = await withChange(file, (bytes) => flip(bytes, bit), messages);
        expect([name, bit, found.length > 0]).toEqual([name, bit, true]);
        expect(found[0]).toContain(name === "CURRENT" ? "" : `${name} is damaged at byte`);
      }
    }
  });

  it.each([/\.log$/, /^MANIFEST/, /^CURRENT$/, /\.ldb$/])(
    "is refused without each of its files: %s",
    async (pattern) => {
      const [name] = await filesOf(path, pattern);
      await rm(join(path, name as string));
      expect((await messages())[0]).toMatch(new RegExp(`^${name} is missing: `));
    },
  );

  it("may have other files that are no part of it", async () => {
    await writeFile(join(path, "000001.log"), Buffer.alloc(100, 1));
    await writeFile(join(path, "999999.ldb"), Buffer.alloc(100, 1));
    expect(await messages()).toEqual([]);
  });
});

describe("the logs of a database", () => {
  it("are missed where writes of one before are gone", async () => {
    const bytes = await readFile(log);
    // The log goes on in a file of its own, as LevelDB does when a table is written.
    const number = Number(/(\d+)\.log$/.exec(log)?.[1]);
    const next = join(path, `${String(number + 9).padStart(6, "0")}.log`);
    const half = 32 * 1024 * Math.floor(bytes.length / 32 / 1024 / 2);
    const start = recordBefore(bytes, half);
    await writeFile(log, bytes.subarray(0, start));
    await writeFile(next, logFrom(bytes, start));
    expect(await messages()).toEqual([]);
    await truncate(log, recordBefore(bytes, half / 2));
    expect(await messages()).toEqual([expect.stringMatching(/writes before it are missing/)]);
    await truncate(log, 0);
    expect(await messages()).toEqual([expect.stringMatching(/writes before it are missing/)]);
  });

  it("are refused if they are older than what is in the tables", async () => {
    const older = await openLevel(join(await temporaryFolder(), "older"));
    await fill(older, "a", 3, 100);
    const [name] = await filesOf(older.location, /\.log$/);
    await writeFile(log, await readFile(join(older.location, name as string)));
    expect(await messages()).toEqual([expect.stringMatching(/of another time, or of another/)]);
  });
});

/** Where the last record before a place begins. */
function recordBefore(bytes: Buffer, place: number): number {
  const { records } = readLogFile(bytes);
  return records.filter(({ offset }) => offset <= place).at(-1)?.offset as number;
}

/** The records from a place on, in a file of their own. */
function logFrom(bytes: Buffer, start: number): Buffer {
  const records = readLogFile(bytes).records.filter(({ offset }) => offset >= start);
  return logOf(records.map(({ content }) => content));
}

describe("a folder", () => {
  it("that is not there, or is empty, may become a database", async () => {
    expect(await checkForOpening(join(path, "missing"))).toEqual([]);
    expect(await checkForOpening(await temporaryFolder())).toEqual([]);
  });

  it("with damage is refused with the file and the place", async () => {
    const bytes = await readFile(log);
    await writeFile(log, flip(bytes, 8 * 300));
    const refused = await assertOpenable(path).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(StoreError);
    expect(refused).toMatchObject({ reason: ErrorReason.DATA_CORRUPT });
    const { message, metadata } = refused as StoreError;
    expect(metadata).toEqual({ file: log.slice(path.length + 1), offset: "0" });
    expect(message).toContain(`truncate -s 0 '${log}'`);
    await truncate(log, 0);
    await assertOpenable(path);
  });
});
