import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import {
  clientOf,
  collect,
  deferred,
  recordedRange,
  rejectionOf,
  type Service,
  untilCancelled,
} from "../test-support/service.js";
import type { EventStoreClient } from "../types.js";
import { type BatchSource, Iteration } from "./iteration.js";

const DONE = { done: true, value: undefined };

/** Gives batches, then what `then` says: an end, a failure, or nothing ever. */
class Batches implements BatchSource<number> {
  ends = 0;
  readonly #batches: number[][];
  readonly #then: () => Promise<undefined>;

  constructor(batches: number[][], then: () => Promise<undefined> = async () => undefined) {
    this.#batches = batches;
    this.#then = then;
  }

  async next(): Promise<readonly number[] | undefined> {
    return this.#batches.shift() ?? this.#then();
  }

  end(): void {
    this.ends += 1;
  }
}

function forever(): Promise<undefined> {
  return new Promise(() => undefined);
}

describe("Iteration", () => {
  it("hands out the items of all batches, and ends the source once", async () => {
    const source = new Batches([[1, 2], [], [3], []]);
    const iteration = new Iteration(source);
    expect(await collect(iteration)).toEqual([1, 2, 3]);
    expect([await iteration.next(), await iteration.return()]).toEqual([DONE, DONE]);
    expect(source.ends).toBe(1);
  });

  it("serves several who ask at once, in their order", async () => {
    const iteration = new Iteration(new Batches([[1], [2, 3], [4]]));
    const asked = Array.from({ length: 6 }, () => iteration.next());
    const values = (await Promise.all(asked)).map(({ value }) => value);
    expect(values).toEqual([1, 2, 3, 4, undefined, undefined]);
  });

  it("rejects with the failure of the source, and is at its end after that", async () => {
    const failure = new Error("no");
    const source = new Batches([[1]], () => Promise.reject(failure));
    const iteration = new Iteration(source);
    const asked = [iteration.next(), iteration.next(), iteration.next()];
    expect(await asked[0]).toEqual({ done: false, value: 1 });
    await expect(asked[1]).rejects.toBe(failure);
    expect(await asked[2]).toEqual(DONE);
    expect(await iteration.next()).toEqual(DONE);
    expect(source.ends).toBe(1);
  });

  it.each(["return", "throw"] as const)("tells all who wait the end on %s", async (how) => {
    const source = new Batches([], forever);
    const iteration = new Iteration(source);
    const asked = [iteration.next(), iteration.next()];
    const failure = new Error("no");
    if (how === "return") expect(await iteration.return()).toEqual(DONE);
    else await expect(iteration.throw(failure)).rejects.toBe(failure);
    expect(await Promise.all(asked)).toEqual([DONE, DONE]);
    expect(source.ends).toBe(1);
  });

  it("forgets what comes after it was left", async () => {
    const came = deferred();
    const source = new Batches([], () => came.promise.then(() => [1] as never));
    const iteration = new Iteration(source);
    const asked = iteration.next();
    await iteration.return();
    came.resolve();
    expect([await asked, await iteration.next()]).toEqual([DONE, DONE]);
  });

  it("hands out nothing more of a batch once it is interrupted, and asks the source", async () => {
    const iteration = new Iteration(new Batches([[1, 2, 3], [4]]));
    await iteration.next();
    iteration.interrupt();
    expect((await iteration.next()).value).toBe(4);
  });
});

type Begin = (client: EventStoreClient) => AsyncIterable<unknown>;

/** Every call that goes on, and what each delivers before it falls silent. */
const iterations: readonly (readonly [name: string, begin: Begin, first: number])[] = [
  ["a subscription", (client) => client.subscribe(), 2],
  ["the frames of a subscription", (client) => client.subscribe().frames(), 2],
  ["a read", (client) => client.read("order-1"), 2],
  ["a replay", (client) => client.replay(), 2],
  ["a listing", (client) => client.listStreams(), 0],
];

/** A server that falls silent after its first answer, and tells when its caller has gone. */
function silent(): { readonly service: Service; readonly left: Promise<void>; calls: number } {
  const left = deferred();
  const begun = (signal: AbortSignal): void => {
    spy.calls += 1;
    void untilCancelled(signal).then(() => left.resolve());
  };
  const batch = { case: "events", value: { events: recordedRange(1, 2) } } as const;
  const spy = {
    left: left.promise,
    calls: 0,
    service: {
      async *subscribe(_, context) {
        begun(context.signal);
        yield { frame: { case: "confirmed", value: { after: 0n, head: 2n } } };
        yield { frame: batch };
        yield { frame: { case: "caughtUp", value: { position: 2n } } };
        await untilCancelled(context.signal);
      },
      async *read(_, context) {
        begun(context.signal);
        yield { frame: { case: "header", value: { exists: true, lastRevision: 9n, head: 9n } } };
        yield { frame: batch };
        await untilCancelled(context.signal);
      },
      async *replay(_, context) {
        begun(context.signal);
        yield { frame: { case: "header", value: { fromPosition: 1n, toPosition: 9n, head: 9n } } };
        yield { frame: batch };
        await untilCancelled(context.signal);
      },
      async listStreams(_, context) {
        begun(context.signal);
        await untilCancelled(context.signal);
        return {};
      },
    } satisfies Service,
  };
  return spy;
}

// `return` of an async generator waits for the `next` that is pending. `Readable.from`,
// RxJS, GraphQL and handlers of server-sent events leaked a subscription for each visitor.
describe("an iteration that is left while nothing comes", () => {
  it.each(iterations)("ends at once, and its call with it: %s", async (_, begin, first) => {
    const { service, left } = silent();
    await using client = clientOf(service);
    const iterator = begin(client)[Symbol.asyncIterator]();
    for (let i = 0; i < first; i++) await iterator.next();
    const pending = [iterator.next(), iterator.next()];
    // One of the frames may still be there.
    await new Promise((resolve) => setImmediate(resolve));
    expect(await iterator.return?.()).toEqual(DONE);
    expect((await Promise.all(pending)).at(-1)).toEqual(DONE);
    await left;
  });

  it.each(iterations)("makes no call if nothing was asked for: %s", async (_, begin) => {
    const spy = silent();
    await using client = clientOf(spy.service);
    const iterator = begin(client)[Symbol.asyncIterator]();
    expect(await iterator.return?.()).toEqual(DONE);
    expect(await iterator.next()).toEqual(DONE);
    expect(spy.calls).toBe(0);
  });

  it("ends the call that its header started", async () => {
    const { service, left } = silent();
    await using client = clientOf(service);
    const read = client.read("order-1");
    await read.header;
    await read[Symbol.asyncIterator]().return?.();
    await left;
  });

  it("tells who waits for its header that it was ended", async () => {
    const [begun, left] = [deferred(), deferred()];
    await using client = clientOf({
      // biome-ignore lint/correctness/useYield: it never answers
      async *read(_, context) {
        begun.resolve();
        await untilCancelled(context.signal);
        left.resolve();
      },
    });
    const read = client.read("order-1");
    const { header } = read;
    await begun.promise;
    await read[Symbol.asyncIterator]().return?.();
    expect(await rejectionOf(header)).toMatchObject({ reason: "CANCELLED" });
    await left.promise;
  });

  it.each(iterations)("is destroyed with the stream that was made of it: %s", async (_, begin) => {
    const { service, left } = silent();
    await using client = clientOf(service);
    const stream = Readable.from(begin(client));
    const errors: unknown[] = [];
    stream.on("error", (error) => errors.push(error));
    stream.resume();
    await new Promise((resolve) => setTimeout(resolve, 20));
    const closed = new Promise((resolve) => stream.once("close", resolve));
    stream.destroy();
    await Promise.all([closed, left]);
    expect(errors).toEqual([]);
  });
});
