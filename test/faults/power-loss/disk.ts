import type { Dirent } from "node:fs";
import { appendFile, mkdir, readdir, realpath, rm, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import type { Random } from "../random.ts";
import type { Places } from "./contents.ts";
import { type Journal, readJournal } from "./journal.ts";
import { type DiskModel, type Loss, reconstruct } from "./reconstruct.ts";
import { shim } from "./shim.ts";

/** Faults that the shim injects into one process: see `journal.h`. */
export interface DiskFaults {
  readonly kill?: {
    readonly when: "before" | "after";
    /** Which one: 1 is the first. */
    readonly operation: number;
    /** What the path contains. Default: any path. */
    readonly name?: string;
  };
  readonly fail?: {
    readonly call: "sync" | "write";
    /** Which one of them: 1 is the first. */
    readonly number: number;
    /** Whether only this one fails, or all from then on. */
    readonly often: "once" | "on";
    readonly name?: string;
  };
}

/** A folder of data whose power can be lost. */
export class Disk {
  /** Of the data. */
  readonly folder: string;
  readonly #place: string;
  readonly #graveyard: string;
  readonly #journal: string;
  /** Lines of the journal that say what was there at first. */
  #inventoryLines = 0;

  private constructor(place: string) {
    this.#place = place;
    this.folder = join(place, "data");
    this.#graveyard = join(place, "graveyard");
    this.#journal = join(place, "journal");
  }

  /** One whose folder of data is empty. `place` must not exist. */
  static async create(place: string): Promise<Disk> {
    await mkdir(join(place, "data"), { recursive: true });
    return Disk.#begin(place);
  }

  /** One whose folder of data, `PLACE/data`, is there, and durable as it is. */
  static async #begin(place: string): Promise<Disk> {
    const disk = new Disk(await realpath(place));
    await mkdir(disk.#graveyard);
    const inventory = await disk.#inventory();
    await appendFile(disk.#journal, inventory.map((line) => `${line}\n`).join(""));
    disk.#inventoryLines = inventory.length;
    return disk;
  }

  /** For the environment of a process, one at a time, that works on the folder. */
  environment({ kill, fail }: DiskFaults = {}): Record<string, string> {
    return {
      LD_PRELOAD: shim(),
      VARVE_POWER_ROOT: this.folder,
      VARVE_POWER_JOURNAL: this.#journal,
      VARVE_POWER_GRAVEYARD: this.#graveyard,
      ...(kill && { VARVE_POWER_KILL: `${kill.when} ${kill.operation} ${kill.name ?? ""}` }),
      ...(fail && {
        VARVE_POWER_FAIL: `${fail.call} ${fail.number} ${fail.often} ${fail.name ?? ""}`,
      }),
    };
  }

  async journal(): Promise<Journal> {
    return readJournal(this.#journal);
  }

  /** What was done since it was begun. */
  async operations(): Promise<Journal> {
    return (await this.journal()).slice(this.#inventoryLines);
  }

  /**
   * What is there after a loss of power, at `place`, which must not exist; this disk
   * stays as it is. REQUIRES: the process that worked on it has ended.
   *
   * `moment`: as if power had been lost when the journal had so many lines; files may have
   * bytes that they were given later. Default: now.
   */
  async afterPowerLoss(
    place: string,
    model: DiskModel,
    random: Random,
    moment?: number,
  ): Promise<{ disk: Disk; loss: Loss }> {
    await mkdir(place);
    const places: Places = { folder: this.folder, graveyard: this.#graveyard };
    const journal = (await this.journal()).slice(0, moment);
    const loss = await reconstruct(journal, places, join(place, "data"), model, random);
    return { disk: await Disk.#begin(place), loss };
  }

  async remove(): Promise<void> {
    await rm(this.#place, { recursive: true });
  }

  /** What is there, as a journal would say it; all of it is durable. */
  async #inventory(): Promise<string[]> {
    const found = await readdir(this.folder, { recursive: true, withFileTypes: true });
    const lines: string[] = [];
    const folders = ["."];
    for (const entry of found.sort((a, b) => (fileOf(a) < fileOf(b) ? -1 : 1))) {
      const path = relative(this.folder, fileOf(entry));
      if (entry.isDirectory()) {
        folders.push(path);
        lines.push(`mkdir\t${path}`);
      } else {
        const { ino, size } = await stat(fileOf(entry), { bigint: true });
        lines.push(`create\t${ino}\t${path}`, `sync\t${ino}\t${size}\t${lines.length + 1}`);
      }
    }
    return [...lines, ...folders.map((path) => `syncdir\t${path}\t${lines.length}`)];
  }
}

function fileOf(entry: Dirent): string {
  return join(entry.parentPath, entry.name);
}
