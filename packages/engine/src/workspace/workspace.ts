import { callOver, type StoreError } from "../errors.js";
import { SearchBudget } from "../index/search-budget.js";
import type { SearchTurns } from "../index/search-turns.js";
import { StreamIndex } from "../index/stream-index.js";
import type { Database } from "../log/database.js";
import { EventLog, type EventLogOptions } from "../log/event-log.js";
import { checkFormat } from "../log/open.js";
import type { ReadTurns } from "../read/read-turns.js";
import { RecentStreams } from "../recent/recent-streams.js";
import { Writer, type WriterOptions } from "../write/writer.js";
import { findDamageAtEnd } from "./check-end.js";
import { Snapshots } from "./snapshots.js";

export interface WorkspaceOptions extends EventLogOptions, WriterOptions {
  /** What is known to be damaged already. */
  readonly damage: StoreError | undefined;
  /** Told when the end of the log is damaged: the workspace is then read-only. */
  readonly onDamage: (damage: StoreError) => void;
  /** Told where the head is whenever it has moved. */
  readonly onMoved: (head: number) => void;
  readonly turns: ReadTurns;
  /** What the newest events of streams that are read take in memory, about, bytes. */
  readonly recentBytesMax: number;
}

/** An open workspace: a log, what finds events in it, and the one who writes it. */
export class Workspace {
  private constructor(
    readonly name: string,
    readonly log: EventLog,
    readonly streams: StreamIndex,
    readonly recent: RecentStreams,
    readonly writer: Writer,
    readonly snapshots: Snapshots,
    /** For those who read much of the log; shared by all workspaces. */
    readonly turns: ReadTurns,
    private readonly searches: SearchTurns,
  ) {}

  /** What a call may spend on searching: it ends with the call, and when the log closes. */
  searchBudget(call?: { readonly aborted: boolean }): SearchBudget {
    const { log } = this;
    const endedBecause = () => log.closedBecause ?? (call?.aborted ? callOver() : undefined);
    return new SearchBudget(this.searches, { endedBecause });
  }

  /**
   * Damage at the end of the log leaves the workspace read-only: what follows on
   * it cannot be known. Throws `NewerFormatError`, and then closes the database.
   */
  static async open(name: string, db: Database, options: WorkspaceOptions): Promise<Workspace> {
    try {
      await checkFormat(db);
      const log = await EventLog.open(db, options);
      options.clockWatch.compare(options.clock(), log.timeMs);
      const streams = new StreamIndex(db);
      const damage = options.damage ?? (await findDamageAtEnd(log));
      if (damage) options.onDamage(damage);
      const refuseWrites = (bytes: number): StoreError | undefined =>
        damage ?? options.refuseWrites(bytes);
      const recent = new RecentStreams(streams, options.recentBytesMax);
      const writer = new Writer(log, streams, recent, { ...options, refuseWrites });
      const snapshots = new Snapshots(log, streams, writer, options.clock);
      const { turns, searches } = options;
      return new Workspace(name, log, streams, recent, writer, snapshots, turns, searches);
    } catch (error) {
      await db.close();
      throw error;
    }
  }

  /** Ends backups with an error that says why; refuses what is new. */
  stop(because: StoreError): Promise<void> {
    this.log.close(because);
    return this.writer.stop();
  }

  /** Stops, answers the appends on their way, and closes the database. */
  async close(because: StoreError): Promise<void> {
    await this.stop(because);
    await this.log.db.close();
  }
}
