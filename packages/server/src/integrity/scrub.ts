import { setTimeout as sleep } from "node:timers/promises";
import { type EventStore, type Finding, Pace } from "@varve/engine";
import type { Logger } from "pino";
import type { FileFinding } from "./file-finding.js";
import { readLevelFolder } from "./level-folder.js";
import { checkTables } from "./table-check.js";

export interface ScrubOptions {
  readonly store: EventStore;
  /** Where the database of a workspace is. */
  readonly pathOf: (workspace: string) => string;
  /** From the start of one pass to the next, ms; 0 for none. */
  readonly intervalMs: number;
  /** Of files, and then of entries. */
  readonly bytesPerSecondMax: number;
  readonly logger: Logger;
}

/** The first pass begins after this part of the interval: a server that is starting has other work. */
const FIRST_PASS = 0.01;

/** Findings of one workspace that are logged in one pass. */
const LOGGED_MAX = 1000;

/**
 * Checks everything that is stored, one workspace after the other, in the
 * background and at a slow pace: what is seldom read would otherwise be found
 * damaged when it is needed, and the backups that held it are gone.
 */
export class Scrub {
  readonly #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(private readonly options: ScrubOptions) {}

  start(): void {
    if (this.options.intervalMs > 0) this.#running = this.#run();
  }

  /** Resolves when no check is under way any more. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { intervalMs } = this.options;
    await this.#wait(intervalMs * FIRST_PASS);
    while (!this.#stopping.signal.aborted) {
      const startedMs = performance.now();
      await this.#pass();
      await this.#wait(Math.max(intervalMs / 2, startedMs + intervalMs - performance.now()));
    }
  }

  async #pass(): Promise<void> {
    const names = await this.#attempt({}, async () => {
      const { workspaces } = await this.options.store.listWorkspaces();
      return workspaces;
    });
    for (const workspace of names ?? []) {
      await this.#attempt({ workspace }, () => this.#check(workspace));
    }
  }

  /** A check that is cut off, for example by a disk that is full, is made anew in the next pass. */
  async #attempt<T>(of: object, work: () => Promise<T>): Promise<T | undefined> {
    if (this.#stopping.signal.aborted) return undefined;
    try {
      return await work();
    } catch (err) {
      if (this.#stopping.signal.aborted) return undefined;
      this.options.logger.warn({ ...of, err }, "the check of what is stored was cut off");
      return undefined;
    }
  }

  async #check(workspace: string): Promise<void> {
    const { store, pathOf, bytesPerSecondMax, logger } = this.options;
    const pace = { bytesPerSecondMax, signal: this.#stopping.signal };
    const log = new FindingsLog(logger, workspace);
    const files = await readLevelFolder(pathOf(workspace));
    for await (const finding of checkTables(files, new Pace(pace))) log.add(finding);
    // LevelDB ends its process at some kinds of damage: what nobody asks for is not read.
    const options = { ...pace, findingsBefore: log.count, filesOnly: log.count > 0 };
    for await (const report of store.verify(workspace, options)) {
      if (report.type === "finding") log.add(report.finding);
      if (report.type === "summary") log.finish(report);
    }
  }

  async #wait(ms: number): Promise<void> {
    const { signal } = this.#stopping;
    await sleep(ms, undefined, { signal, ref: false }).catch(() => {});
  }
}

/** Logs what a check of a workspace finds. */
class FindingsLog {
  count = 0;

  constructor(
    private readonly logger: Logger,
    private readonly workspace: string,
  ) {}

  add({ message, ...place }: Finding | FileFinding): void {
    const { workspace } = this;
    if (++this.count <= LOGGED_MAX)
      this.logger.error({ workspace, ...place }, `damage: ${message}`);
    if (this.count === LOGGED_MAX + 1) {
      this.logger.error({ workspace }, "there is more damage; varve verify names all of it");
    }
  }

  finish({ head, bytes }: { head: number; bytes: number }): void {
    const { workspace, count: findings } = this;
    this.logger.info({ workspace, head, bytes, findings }, "checked what is stored");
  }
}
