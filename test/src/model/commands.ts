import {
  type Condition,
  ConditionFailedError,
  type EventStoreClient,
  type NewStreamEvent,
  type RecordedEvent,
  VarveError,
} from "@varve/client";
import fc from "fast-check";
import { expect } from "vitest";
import {
  batches,
  conditions,
  type DraftCondition,
  filters,
  ranges,
  streams,
} from "./arbitraries.js";
import {
  type Clause,
  type Model,
  type ModelEvent,
  matches,
  type Range,
  type Recorded,
} from "./model.js";

/** What the commands drive: a client, and a way to stop and start what is behind it. */
export interface Real {
  readonly client: EventStoreClient;
  restart(): Promise<void>;
}

type Command = fc.AsyncCommand<Model, Real>;

/** A command that is always possible. */
abstract class Always implements Command {
  check(): boolean {
    return true;
  }

  abstract run(model: Model, real: Real): Promise<void>;

  toString(): string {
    return `${this.constructor.name}(${fc.stringify({ ...this })})`;
  }
}

function toRecorded(event: RecordedEvent): Recorded {
  const { stream, type, tags } = event;
  const value = (event.data as { value: number }).value;
  return {
    stream,
    type,
    tags,
    value,
    position: Number(event.position),
    revision: Number(event.revision),
  };
}

async function collect(events: AsyncIterable<RecordedEvent>): Promise<Recorded[]> {
  const found: Recorded[] = [];
  for await (const event of events) found.push(toRecorded(event));
  return found;
}

function toNewEvent({ value, ...rest }: ModelEvent): NewStreamEvent {
  return { ...rest, id: crypto.randomUUID(), data: { value } };
}

class Append extends Always {
  constructor(
    readonly events: ModelEvent[],
    readonly conditions: readonly DraftCondition[],
    readonly appendId: string,
  ) {
    super();
  }

  async run(model: Model, { client }: Real): Promise<void> {
    if (model.appends.has(this.appendId)) return this.#repeat(model, client);
    const resolved = this.conditions.map((condition) =>
      "behind" in condition
        ? { ...condition, after: Math.max(0, model.head - condition.behind) }
        : condition,
    );
    const sent = resolved.map(
      (c): Condition =>
        "after" in c ? { noEventMatches: c.noEventMatches, after: BigInt(c.after) } : c,
    );
    const appended = client.appendMany(this.events.map(toNewEvent), {
      conditions: sent,
      appendId: this.appendId,
    });
    const violated = model.violated(resolved);
    if (violated.length > 0) {
      const error = await appended.catch((cause: unknown) => cause);
      expect(error).toBeInstanceOf(ConditionFailedError);
      expect((error as ConditionFailedError).violations.map((v) => v.condition)).toEqual(violated);
      expect((error as ConditionFailedError).head).toBe(BigInt(model.head));
      return;
    }
    const before = model.head;
    model.append(this.events, this.appendId);
    const result = await appended;
    expect(result).toMatchObject({
      firstPosition: BigInt(before + 1),
      lastPosition: BigInt(model.head),
      repeat: false,
    });
    for (const { stream, lastRevision } of result.streams) {
      expect(Number(lastRevision)).toBe(model.stream(stream).length - 1);
    }
  }

  /** The ids of its events are new, so it is another append with the same id. */
  async #repeat(model: Model, client: EventStoreClient): Promise<void> {
    const appended = client.appendMany(this.events.map(toNewEvent), { appendId: this.appendId });
    await expect(appended).rejects.toMatchObject({ reason: "APPEND_ID_REUSED" });
    expect((await client.status()).head).toBe(BigInt(model.head));
  }
}

class Read extends Always {
  constructor(
    readonly stream: string,
    readonly range: Range,
  ) {
    super();
  }

  async run(model: Model, { client }: Real): Promise<void> {
    const { limit, ...range } = this.range;
    const read = client.read(this.stream, { ...range, ...(limit && { limit }) });
    expect(await collect(read)).toEqual(model.read(this.stream, this.range));
    const last = model.stream(this.stream).length - 1;
    expect((await read.header).lastRevision).toBe(last < 0 ? undefined : BigInt(last));
  }
}

/** The stream as it was when one of its events was recorded. */
class ReadAsOf extends Always {
  constructor(
    readonly stream: string,
    readonly at: number,
  ) {
    super();
  }

  async run(model: Model, { client }: Real): Promise<void> {
    const all: RecordedEvent[] = [];
    for await (const event of client.replay()) all.push(event);
    const asOf = all[this.at % Math.max(1, all.length)]?.recordedAt ?? new Date(0);
    const expected = all.filter((e) => e.stream === this.stream && e.recordedAt <= asOf);
    expect(await collect(client.read(this.stream, { asOf }))).toEqual(expected.map(toRecorded));
    expect(all.map(toRecorded)).toEqual(model.log);
  }
}

class Replay extends Always {
  constructor(
    readonly filter: Clause[],
    readonly range: Range,
  ) {
    super();
  }

  async run(model: Model, { client }: Real): Promise<void> {
    const range = { ...this.range, from: this.range.from + 1, to: this.range.to + 1 };
    const { limit, ...bounds } = range;
    const replay = client.replay({ ...bounds, filter: this.filter, ...(limit && { limit }) });
    expect(await collect(replay)).toEqual(model.replay(this.filter, range));
  }
}

/** Catches up from somewhere, then sees what is appended while it is live. */
class Subscribe extends Always {
  constructor(
    readonly filter: Clause[],
    readonly behind: number,
    readonly live: ModelEvent[],
    readonly appendId: string,
  ) {
    super();
  }

  async run(model: Model, { client }: Real): Promise<void> {
    const after = Math.max(0, model.head - this.behind);
    const isNew = !model.appends.has(this.appendId);
    const found: Recorded[] = [];
    const subscription = client.subscribe({ filter: this.filter, start: { after: BigInt(after) } });
    const expected = (): Recorded[] =>
      model.log.slice(after).filter((event) => matches(this.filter, event));
    for await (const frame of subscription.frames()) {
      if (frame.kind === "events") found.push(...frame.events.map(toRecorded));
      if (frame.kind === "caught-up") {
        expect(found).toEqual(expected());
        if (isNew) {
          model.append(this.live, this.appendId);
          await client.appendMany(this.live.map(toNewEvent), { appendId: this.appendId });
        }
      }
      if (subscription.position !== undefined && found.length === expected().length) {
        if (frame.kind === "events" || frame.kind === "caught-up") break;
      }
    }
    expect(found).toEqual(expected());
  }
}

class SaveSnapshot extends Always {
  constructor(
    readonly stream: string,
    readonly revision: number,
    readonly schemaType: string,
    readonly data: number,
  ) {
    super();
  }

  async run(model: Model, { client }: Real): Promise<void> {
    const { stream, revision, schemaType, data } = this;
    const expected = model.saveSnapshot(stream, revision, schemaType, data);
    const saved = await client
      .saveSnapshot({ stream, revision, schemaType, data })
      .catch((error: unknown) => (error instanceof VarveError ? error.reason : error));
    expect(saved).toBe(expected ?? "SNAPSHOT_AHEAD_OF_STREAM");
    const present = model.snapshots.get(stream);
    const read = client.read(stream, { snapshot: schemaType });
    const snapshot = (await client.getSnapshot(stream)) ?? undefined;
    expect(snapshot?.data).toBe(present?.data);
    const start = present?.schemaType === schemaType ? present.revision + 1 : 0;
    expect(await collect(read)).toEqual(model.stream(stream).slice(start));
    expect((await read.header).snapshot?.data).toBe(start > 0 ? present?.data : undefined);
  }
}

class ListStreams extends Always {
  constructor(readonly prefix: string) {
    super();
  }

  async run(model: Model, { client }: Real): Promise<void> {
    const found: { stream: string; lastRevision: bigint }[] = [];
    for await (const { stream, lastRevision } of client.listStreams({
      prefix: this.prefix,
      pageSize: 2,
    })) {
      found.push({ stream, lastRevision });
    }
    const names = [...new Set(model.log.map((e) => e.stream))].filter((n) =>
      n.startsWith(this.prefix),
    );
    names.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    expect(found).toEqual(
      names.map((stream) => ({ stream, lastRevision: BigInt(model.stream(stream).length - 1) })),
    );
  }
}

class Restart extends Always {
  async run(model: Model, real: Real): Promise<void> {
    await real.restart();
    expect((await real.client.status()).head).toBe(BigInt(model.head));
  }
}

/** Several stores that get the same commands, each beside a model of its own. */
export type Fleet<T> = readonly T[];

export type FleetCommand = fc.AsyncCommand<Fleet<Model>, Fleet<Real>>;

/** Runs a command on every store. What they do differently, one of them does against its model. */
class OnAll implements FleetCommand {
  constructor(private readonly command: Command) {}

  check(): boolean {
    return true;
  }

  async run(models: Fleet<Model>, reals: Fleet<Real>): Promise<void> {
    for (const [i, real] of reals.entries()) await this.command.run(models[i] as Model, real);
  }

  toString(): string {
    return this.command.toString();
  }
}

export function commands(): fc.Arbitrary<Iterable<FleetCommand>> {
  const revisions = fc.nat({ max: 8 });
  const schemaTypes = fc.constantFrom("state/1", "state/2");
  const all: fc.Arbitrary<Command>[] = [
    fc.tuple(batches, conditions, fc.uuid()).map((args) => new Append(...args)),
    fc
      .tuple(batches, fc.constant<DraftCondition[]>([]), fc.uuid())
      .map((args) => new Append(...args)),
    // Few ids, so that some come twice.
    fc.tuple(batches, conditions, fc.constantFrom(...REUSED)).map((args) => new Append(...args)),
    fc.tuple(streams, ranges).map((args) => new Read(...args)),
    fc.tuple(streams, fc.nat()).map((args) => new ReadAsOf(...args)),
    fc.tuple(filters, ranges).map((args) => new Replay(...args)),
    fc
      .tuple(filters, fc.nat({ max: 700 }), batches, fc.uuid())
      .map((args) => new Subscribe(...args)),
    fc
      .tuple(streams, revisions, schemaTypes, fc.integer())
      .map((args) => new SaveSnapshot(...args)),
    fc.constantFrom("", "order", "order-", "ü").map((prefix) => new ListStreams(prefix)),
    fc.constant(new Restart()),
  ];
  const onAll = all.map((command) => command.map((one) => new OnAll(one)));
  return fc.commands(onAll, { maxCommands: 40, size: "max" });
}

const REUSED = [1, 2].map((n) => `00000000-0000-4000-8000-00000000000${n}`);
