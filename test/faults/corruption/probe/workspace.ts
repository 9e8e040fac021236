import type { CallObservation, WorkspaceObservation } from "../observation.ts";
import type { StoredAppend, StoredWorkspace } from "../stored.ts";
import { appendAnew, eventsFrom, repeatAppends } from "./appends.ts";
import { ask } from "./ask.ts";
import type { ServedEvent } from "./frames.ts";
import { KnownLog } from "./known-log.ts";
import { type Query, queriesOf } from "./queries.ts";
import type { RawClient } from "./raw-client.ts";
import { askStatus } from "./status.ts";
import { askStreams } from "./streams.ts";

/** Runs of queries that are made at the same time. */
const AT_ONCE = 8;

/** A workspace that can be used in all ways there are, and compared with what it held. */
export class WorkspaceProbe {
  readonly log: KnownLog;
  readonly queries: readonly Query[];
  readonly appends: readonly StoredAppend[];
  readonly lastRevisions: ReadonlyMap<string, number>;

  constructor(stored: StoredWorkspace) {
    this.log = new KnownLog(stored);
    this.queries = queriesOf(this.log);
    this.appends = stored.appends;
    this.lastRevisions = this.log.lastRevisions();
  }

  get name(): string {
    return this.log.workspace;
  }
}

/** The use of one copy of the workspace after damage, over several starts of a server. */
export class WorkspaceUse {
  eventsServed = 0;
  readonly #probe: WorkspaceProbe;
  readonly #isTouched: boolean;
  /** What is asked next. */
  #queries: readonly Query[];
  /** What was written since the damage, by position. */
  readonly #written = new Map<number, Buffer>();
  /** From here on, what was written could not be read. */
  #unknownFrom = Number.POSITIVE_INFINITY;

  /** `isTouched`: by the damage. If it is not, a look at it is enough. */
  constructor(probe: WorkspaceProbe, isTouched: boolean) {
    this.#probe = probe;
    this.#isTouched = isTouched;
    this.#queries = isTouched ? probe.queries : probe.queries.slice(0, 1);
  }

  /** Reads everything, and the next time only what was not as before. */
  async read(client: RawClient): Promise<WorkspaceObservation> {
    const { name, lastRevisions } = this.#probe;
    const status = await askStatus(client, name);
    const calls: (CallObservation | undefined)[] = [];
    for (let i = 0; i < this.#queries.length; i += AT_ONCE) {
      const some = this.#queries.slice(i, i + AT_ONCE);
      calls.push(...(await Promise.all(some.map((query) => this.#ask(client, query)))));
    }
    this.#queries = this.#queries.filter((_, i) => calls[i] || (i === 0 && this.#isTouched));
    if (this.#isTouched) calls.push(...(await askStreams(client, name, lastRevisions)));
    return { workspace: name, status, calls: calls.filter((call) => call !== undefined) };
  }

  /** Appends: what was appended before, to a stream that has events, and to a new one. */
  async write(client: RawClient, head: number): Promise<CallObservation[]> {
    if (!this.#isTouched) return [];
    const { name, appends, lastRevisions } = this.#probe;
    const [stream, lastRevision] = [...lastRevisions].at(-1) ?? ["probe-1", -1];
    const calls = [
      ...(await repeatAppends(client, appends)),
      await appendAnew(client, name, stream, lastRevision),
      await appendAnew(client, name, "probe-2", -1),
    ];
    await this.#learnWritten(client, head + 1);
    return calls.filter((call) => call !== undefined);
  }

  async #ask(client: RawClient, query: Query): Promise<CallObservation | undefined> {
    const { observation, eventsServed } = await ask(client, query, {
      isStored: (event) => this.#isStored(event),
      isNew: (position) => this.#isNew(position),
    });
    this.eventsServed += eventsServed;
    return observation;
  }

  async #learnWritten(client: RawClient, from: number): Promise<void> {
    try {
      const events = await eventsFrom(client, this.#probe.name, from);
      for (const { position, bytes } of events) this.#written.set(position, bytes);
    } catch {
      // The failure itself is seen by the reads after the restart.
      this.#unknownFrom = from;
    }
  }

  #isStored({ position, bytes }: ServedEvent): boolean {
    if (position >= this.#unknownFrom) return true;
    const written = this.#written.get(position);
    return written?.equals(bytes) ?? this.#probe.log.has(position, bytes);
  }

  #isNew(position: number): boolean {
    return (
      position > this.#probe.log.head ||
      this.#written.has(position) ||
      position >= this.#unknownFrom
    );
  }
}
