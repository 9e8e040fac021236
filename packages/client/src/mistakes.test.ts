import { describe, expect, it } from "vitest";
import { createClient } from "./client.js";
import { connect } from "./connect.js";
import { createMaintenanceClient } from "./maintenance/client.js";
import { connectMaintenance } from "./maintenance/index.js";
import { clientOf, FakeLog, transportTo } from "./test-support/service.js";
import type {
  CallOptions,
  EventStoreClient,
  NewEvent,
  NewSnapshot,
  NewStreamEvent,
} from "./types.js";

const log = new FakeLog();
const client = clientOf(log);
const event = { type: "order.Placed" };

/** What a program passes that the compiler does not see: from JavaScript, or in a wider type. */
function wrong<T>(value: object): T {
  return value as T;
}

/** Makes a call; whether it throws or rejects, the error is what comes of it. */
async function mistakeIn(call: (store: EventStoreClient) => unknown): Promise<unknown> {
  try {
    await call(client);
    return "nothing was said";
  } catch (error) {
    return error;
  }
}

// Each of these was taken without a word, and did not do what it says.
describe("a mistake that compiles is told", () => {
  const calls: readonly (readonly [string, (store: EventStoreClient) => unknown])[] = [
    [
      'options has no member "expectedRevision"; it takes signal',
      (store) => store.append("s", event, wrong({ expectedRevision: 3 })),
    ],
    [
      'options has no member "expect"',
      (store) => store.appendMany([{ ...event, stream: "s" }], wrong({ expect: 3 })),
    ],
    [
      'options.expect must be "no-stream", "exists" or a revision, but is undefined: of a stream that may be new, pass on header.expect',
      (store) => store.append("s", event, wrong({ expect: undefined })),
    ],
    [
      'options.expect must be "no-stream", "exists" or a revision, but is "nostream"',
      (store) => store.append("s", event, wrong({ expect: "nostream" })),
    ],
    [
      "options.appendId is undefined",
      (store) => store.append("s", event, wrong({ appendId: undefined })),
    ],
    [
      "options.conditions[1].expect must be",
      (store) =>
        store.append("s", event, {
          conditions: [{ stream: "a", expect: 1 }, wrong({ stream: "b", expect: undefined })],
        }),
    ],
    // Which of the two kinds was meant is not known: the error named the members of one.
    [
      'options.conditions[0] has no member "noEventMatch"; it takes noEventMatches, after, stream, expect',
      (store) => store.append("s", event, { conditions: [wrong({ noEventMatch: {} })] }),
    ],
    [
      'options.conditions[0] has no member "revision"; it takes stream, expect',
      (store) => store.append("s", event, { conditions: [wrong({ stream: "s", revision: 3 })] }),
    ],
    [
      'options.conditions[0].noEventMatches has no member "tag"',
      (store) =>
        store.append("s", event, { conditions: [{ noEventMatches: wrong({ tag: ["a"] }) }] }),
    ],
    [
      'events[1] has no member "metdata"; it takes type, data',
      (store) => store.append("s", [event, wrong<NewEvent>({ ...event, metdata: {} })]),
    ],
    [
      "events[0].data.items[1].price is NaN",
      (store) => store.append("s", { ...event, data: { items: [{}, { price: Number.NaN }] } }),
    ],
    [
      "events[0].metadata.seen is a Set",
      (store) => store.append("s", wrong<NewEvent>({ ...event, metadata: { seen: new Set() } })),
    ],
    [
      'events[0].stream is "b", but the append goes to "a"',
      (store) => store.append("a", { ...event, stream: "b" }),
    ],
    ["events[0] must be an object", (store) => store.append("a", wrong<NewEvent>([null]))],
    [
      "events must be an array",
      (store) => store.appendMany(wrong<NewStreamEvent[]>({ ...event, stream: "s" })),
    ],
    [
      "events[0].tags must be an array",
      (store) => store.append("a", wrong<NewEvent>({ ...event, tags: "x" })),
    ],
    [
      'options has no member "fromRevision"',
      (store) => store.read("s", wrong({ fromRevision: 3 })),
    ],
    ['options has no member "after"', (store) => store.replay(wrong({ after: 3 }))],
    ['options has no member "from"', (store) => store.subscribe(wrong({ from: 3 }))],
    [
      'options.start has no member "position"',
      (store) => store.subscribe({ start: wrong({ after: 1, position: 3 }) }),
    ],
    [
      'options.filter[1] has no member "type"',
      (store) => store.replay({ filter: [{}, wrong({ type: ["a"] })] }),
    ],
    [
      "options.backwards must be true or false",
      (store) => store.replay(wrong({ backwards: "no" })),
    ],
    ['options has no member "limit"', (store) => store.listStreams(wrong({ limit: 3 }))],
    ['options has no member "asOf"', (store) => store.getStream("s", wrong({ asOf: 3 }))],
    [
      'options has no member "schemaType"',
      (store) => store.getSnapshot("s", wrong({ schemaType: "a" })),
    ],
    ['options has no member "workspace"', (store) => store.status(wrong({ workspace: "a" }))],
    [
      'snapshot has no member "state"',
      (store) =>
        store.saveSnapshot(
          wrong<NewSnapshot>({ stream: "s", revision: 0, schemaType: "a", data: 1, state: 1 }),
        ),
    ],
    [
      "snapshot.data.lines is a Map",
      (store) =>
        store.saveSnapshot(
          wrong<NewSnapshot>({
            stream: "s",
            revision: 0,
            schemaType: "a",
            data: { lines: new Map() },
          }),
        ),
    ],
    [
      'retry has no member "retries"; it takes attempts',
      () => connect("127.0.0.1:1", { retry: wrong({ retries: 3 }) }),
    ],
    [
      'pipeline has no member "size"',
      () => createClient(transportTo({}), { pipeline: wrong({ size: 3 }) }),
    ],
    ['options has no member "tls"', () => connect("127.0.0.1:1", wrong({ tls: true }))],
    ['options has no member "timeout"', () => createClient(transportTo({}), wrong({ timeout: 3 }))],
    [
      'options has no member "pipeline"',
      () => connectMaintenance("127.0.0.1:1", wrong({ pipeline: {} })),
    ],
  ];
  it.each(calls)("%s", async (message, call) => {
    const error = await mistakeIn(call);
    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).toContain(message);
    expect(log.appends).toEqual([]);
  });
});

/** Asks for the first of what is iterated: only then some calls begin. */
function begin(iterable: AsyncIterable<unknown>): Promise<unknown> {
  return iterable[Symbol.asyncIterator]().next();
}

// It was "signal?.addEventListener is not a function", from within the SDK.
describe("a signal that is none", () => {
  const options = wrong<CallOptions>({ signal: new AbortController() });
  const calls: readonly (readonly [string, (store: EventStoreClient) => unknown])[] = [
    ["append", (store) => store.append("s", event, options)],
    ["appendMany", (store) => store.appendMany([{ ...event, stream: "s" }], options)],
    ["read", (store) => store.read("s", options).toArray()],
    ["replay", (store) => begin(store.replay(options))],
    ["subscribe", (store) => begin(store.subscribe(options))],
    ["listStreams", (store) => begin(store.listStreams(options))],
    ["getStream", (store) => store.getStream("s", options)],
    ["getSnapshot", (store) => store.getSnapshot("s", options)],
    ["status", (store) => store.status(options)],
    ["listWorkspaces", () => createMaintenanceClient(transportTo({})).listWorkspaces(options)],
    ["backup", () => begin(createMaintenanceClient(transportTo({})).backup(options))],
  ];
  it.each(calls)("is refused by %s", async (_name, call) => {
    const error = await mistakeIn(call);
    expect(error).toEqual(
      new TypeError(
        "options.signal must be an AbortSignal, but is an object: pass on the signal of the controller",
      ),
    );
    expect(log.appends).toEqual([]);
  });

  it("is told what it is", async () => {
    const error = await mistakeIn((store) => store.status(wrong({ signal: 5 })));
    expect(error).toEqual(new TypeError("options.signal must be an AbortSignal, but is 5"));
  });
});

describe("a number that is not exact", () => {
  const large = 2 ** 53;
  const calls: readonly (readonly [string, (store: EventStoreClient) => unknown])[] = [
    ["options.from", (store) => store.replay({ from: large })],
    ["options.to", (store) => store.read("s", { to: large })],
    ["options.limit", (store) => store.replay({ limit: large })],
    ["options.expect", (store) => store.append("s", event, { expect: large })],
    ["options.start.after", (store) => store.subscribe({ start: { after: large } })],
    [
      "options.conditions[0].after",
      (store) => store.append("s", event, { conditions: [{ noEventMatches: {}, after: large }] }),
    ],
    [
      "snapshot.revision",
      (store) => store.saveSnapshot({ stream: "s", revision: large, schemaType: "a", data: 1 }),
    ],
  ];
  it.each(calls)("is refused as %s", async (path, call) => {
    const error = await mistakeIn(call);
    expect(error).toBeInstanceOf(RangeError);
    expect(String(error)).toContain(`${path} must be a whole number`);
    expect(String(error)).toContain("give it as a bigint");
  });
});

describe("an event that may well be", () => {
  it("names the stream that it goes to, or is an object of a class", async () => {
    class OrderPlaced {
      readonly type = "order.Placed";
      constructor(readonly data: { readonly total: number }) {}
      describe(): string {
        return this.type;
      }
    }
    const own = new FakeLog();
    const store = clientOf(own);
    await store.append("s", { ...event, stream: "s" });
    await store.append("s", wrong<{ type: string }>(new OrderPlaced({ total: 3 })));
    expect(own.appends).toHaveLength(2);
    await store.close();
  });
});
