/**
 * What must compile, and what must not. The ordinary build checks this file:
 * an `@ts-expect-error` above a line that compiles fails it. Nothing here runs.
 */
import type {
  AnyEvent,
  AppendableEvent,
  EventStoreClient,
  ExpectedState,
  NewEvent,
  ReadHeader,
  RecordedEvent,
} from "@varve/client";
import { expect, expectTypeOf } from "vitest";
import { type BuiltEvent, recordedEvent } from "./builders/recorded-events.js";
import { aggregateScenario } from "./scenario/aggregate.js";
import { scenario } from "./scenario/decider.js";
import { given } from "./scenario/store.js";
import "./vitest.js";

type Placed = { readonly type: "order.Placed"; readonly data: { readonly item: string } };
type Shipped = {
  readonly type: "order.Shipped";
  readonly data: { readonly by: string };
  readonly tags?: readonly string[];
};
type OrderEvent = Placed | Shipped;
type OrderCommand = { readonly type: "Place"; readonly item: string } | { readonly type: "Ship" };
type OrderState = { readonly status: "new" | "placed" | "shipped" };

declare function decide(command: OrderCommand, state: OrderState): OrderEvent | undefined;
declare function decideLater(command: OrderCommand, state: OrderState): Promise<OrderEvent[]>;
declare function evolve(state: OrderState, event: OrderEvent): OrderState;
declare const initialState: OrderState;
declare const store: EventStoreClient;
declare const placed: Placed;

class RefusedError extends Error {
  readonly order: string = "";
}

export function decidersAreTyped(): void {
  const order = scenario({ initialState, decide, evolve });
  const ship = order.given(placed).when({ type: "Ship" });

  ship.then({ type: "order.Shipped" });
  ship.then({ type: "order.Shipped", data: { by: "mail" } }, placed);
  ship.then({ type: "order.Shipped", data: { by: expect.any(String) }, tags: ["a"] });
  ship.then({ events: [placed], state: { status: "shipped" }, error: RefusedError });
  ship.thenState((state) => expectTypeOf(state).toEqualTypeOf<OrderState>());
  ship.thenError(RefusedError, (error) => expectTypeOf(error).toEqualTypeOf<RefusedError>());
  ship.thenError((error) => expectTypeOf(error).toEqualTypeOf<unknown>());
  order.when((state) => {
    expectTypeOf(state).toEqualTypeOf<OrderState>();
    return placed;
  });

  // @ts-expect-error no event of the order has this type
  order.given({ type: "order.Lost", data: {} });
  // @ts-expect-error data of another event
  order.given({ type: "order.Placed", data: { by: "mail" } });
  // @ts-expect-error a given event is whole
  order.given({ type: "order.Placed" });
  // @ts-expect-error no such command
  order.when({ type: "Loose" });
  // @ts-expect-error a command without what belongs to it
  order.when({ type: "Place" });
  // @ts-expect-error a decision that returns something else than events
  order.when(() => ({ type: "order.Lost" }) as const);
  // @ts-expect-error no event of the order has this type
  ship.then({ type: "order.Lost" });
  // @ts-expect-error data of another event
  ship.then({ type: "order.Shipped", data: { item: "lamp" } });
  // @ts-expect-error tags of an event that has none
  ship.then({ type: "order.Placed", tags: ["a"] });
  // @ts-expect-error the same in a list
  ship.then([placed, { type: "order.Lost" }]);
  // @ts-expect-error no such state
  ship.thenState({ status: "lost" });
  // @ts-expect-error no such state
  ship.then({ state: { status: "lost" } });
  // @ts-expect-error a class, but not one of errors
  ship.then(Date);
  // @ts-expect-error a class, but not one of errors
  ship.thenError(Map);
  // @ts-expect-error the decider is not of one mind about its events
  scenario({ initialState, decide: () => ({ type: "order.Lost" }) as const, evolve });
}

export function onlyAsyncDecidersNeedAwait(): void {
  const now = scenario({ initialState, decide, evolve });
  const later = scenario({ initialState, decide: decideLater, evolve });

  expectTypeOf(now.when({ type: "Ship" }).thenNothing()).toEqualTypeOf<undefined>();
  expectTypeOf(now.when(async () => placed).thenNothing()).toEqualTypeOf<Promise<void>>();
  expectTypeOf(later.when({ type: "Ship" }).then(placed)).toEqualTypeOf<Promise<void>>();
  expectTypeOf(later.when(() => placed).thenError()).toEqualTypeOf<undefined>();
}

export async function scenariosAreNotPromises(): Promise<void> {
  const ship = scenario({ initialState, decide, evolve }).when({ type: "Ship" });
  // @ts-expect-error a scenario is awaited after its expectation, not before
  await ship;
  // @ts-expect-error the same on a store
  await given().when(() => undefined);
}

export function aggregatesAreTyped(): void {
  const order = aggregateScenario({
    create: () => ({ total: 0, add: (_: number): Placed => placed }),
    apply: (_order, _event: OrderEvent) => undefined,
  });
  const add = order.given(placed).when((o) => o.add(1));

  add.then(placed);
  expectTypeOf(add.thenNothing()).toEqualTypeOf<undefined>();
  // @ts-expect-error no such method
  order.when((o) => o.remove(1));
  // @ts-expect-error no event of the order has this type
  add.then({ type: "order.Lost" });
}

export function storeScenariosAreTyped(): void {
  const append = given({ stream: "order-1", type: "order.Placed" }).when((s) =>
    s.append("order-1", { type: "order.Shipped" }),
  );

  append.then({ type: "order.Shipped", stream: "order-1", revision: 1n, tags: [] });
  expectTypeOf(append.thenNothing()).toEqualTypeOf<Promise<void>>();
  // @ts-expect-error an event goes to a stream
  given({ type: "order.Placed" });
  // @ts-expect-error a recorded event has no such field
  append.then({ type: "order.Shipped", version: 1 });
  // @ts-expect-error a store has no state of its own
  append.then({ state: {} });
  // @ts-expect-error a store has no state of its own
  append.thenState({});
}

export function builtEventsAreRecordedEvents(): void {
  const event = recordedEvent({ stream: "order-1", type: "order.Placed", data: { item: "lamp" } });

  expectTypeOf(event).toExtend<RecordedEvent>();
  evolve(initialState, event);
  // @ts-expect-error the data is that of another event
  evolve(initialState, recordedEvent({ stream: "s", type: "order.Placed", data: { by: "mail" } }));
  // @ts-expect-error a recorded event is in a stream
  recordedEvent({ type: "order.Placed" });
  expectTypeOf<BuiltEvent<{ stream: "s"; type: "t" }>["data"]>().toEqualTypeOf<unknown>();
}

export function matchersAreTyped(): void {
  expectTypeOf(expect(store).toHaveAppended("s", [placed])).toEqualTypeOf<Promise<void>>();
  expectTypeOf(expect(store).toBeAtRevision("s", 1n)).toEqualTypeOf<Promise<void>>();
  expect(new RefusedError()).toBeConditionFailure({ stream: "s", expected: "no-stream" });

  // @ts-expect-error an event has a type
  expect(store).toHaveAppended("s", { data: {} });
  // @ts-expect-error no such state of a stream
  expect(store).toBeAtRevision("s", "nostream");
  // @ts-expect-error no such expected state
  expect(new RefusedError()).toBeConditionFailure({ expected: "nostream" });
}

export function expectedRevisionsAreTyped(): void {
  const event = { type: "order.Placed" };

  store.append("s", event, { expect: "no-stream" });
  store.append("s", event, { expect: "exists" });
  store.append("s", event, { expect: 1 });
  store.append("s", event, { expect: 1n });
  // @ts-expect-error the word is "no-stream"
  store.append("s", event, { expect: "nostream" });
  // @ts-expect-error a revision is a number or a bigint
  store.append("s", event, { expect: "1" });
  // @ts-expect-error no expectation is the option left out
  store.append("s", event, { expect: null });
  // @ts-expect-error no expectation is the option left out
  store.append("s", event, { expect: undefined });
  // @ts-expect-error which stream?
  store.appendMany([{ ...event, stream: "s" }], { expect: 1 });
  store.appendMany([{ ...event, stream: "s" }], { conditions: [{ stream: "s", expect: 1 }] });
  // @ts-expect-error a condition on a stream says what it expects
  store.append("s", event, { conditions: [{ stream: "s" }] });
  // @ts-expect-error a state is not a filter
  store.append("s", event, { conditions: [{ noEventMatches: "s" }] });
}

export function eventsAreTyped(): void {
  // @ts-expect-error an event has a type
  store.append("s", { data: {} });
  // @ts-expect-error JSON has no functions
  store.append("s", { type: "t", data: () => 1 });
  // @ts-expect-error JSON has no bigints
  store.append("s", { type: "t", data: { n: 1n } });
  // @ts-expect-error metadata is an object
  store.append("s", { type: "t", metadata: "actor" });
  // @ts-expect-error tags are a list
  store.append("s", { type: "t", tags: "a" });
  // @ts-expect-error an event to one of many streams names it
  store.appendMany([{ type: "t" }]);
}

interface OrderPlaced {
  readonly customer: string;
  readonly placedAt: Date;
  readonly note?: string;
  readonly lines: readonly OrderLine[];
  readonly from: { readonly country: string } | null;
}
interface OrderLine {
  sku: string;
  price: { readonly amount: number; readonly currency: "EUR" };
  parts?: OrderLine[];
}
interface Cause {
  readonly correlationId: string;
}
interface OrderPaid {
  readonly cents: number;
}
type InterfaceEvent =
  | { readonly type: "order.Placed"; readonly data: OrderPlaced }
  | { readonly type: "order.Paid"; readonly data: OrderPaid; readonly metadata?: Cause };

declare const orderPlaced: OrderPlaced;
declare const orderPaid: OrderPaid;
declare const cause: Cause;
declare const decided: readonly InterfaceEvent[];
declare const plain: NewEvent[];

/** Types that are declared as an interface have no index signature, and are taken all the same. */
export function payloadsMayBeInterfaces(): void {
  store.append("s", { type: "order.Placed", data: orderPlaced });
  store.append("s", { type: "order.Placed", data: orderPlaced, metadata: cause, tags: ["a"] });
  store.append("s", [
    { type: "order.Placed", data: orderPlaced },
    { type: "order.Paid", data: orderPaid },
    { type: "order.Closed" },
    { type: "order.Scanned", data: new Uint8Array() },
  ]);
  store.append("s", decided);
  store.append(
    "s",
    decided.map((event) => ({ ...event, metadata: cause })),
    { expect: 1 },
  );
  store.appendMany(decided.map((event) => ({ ...event, stream: "s" })));
  store.appendMany([
    { stream: "a", type: "order.Placed", data: orderPlaced },
    { stream: "b", type: "order.Paid", data: orderPaid },
  ]);
  store.saveSnapshot({ stream: "s", revision: 1, schemaType: "order/1", data: orderPlaced });
  given({ stream: "s", type: "order.Placed", data: orderPlaced });
  const one: NewEvent<OrderPlaced, Cause> = { type: "order.Placed", data: orderPlaced };
  const several: NewEvent<OrderPlaced | OrderPaid, Cause>[] = [one];
  store.append("s", one);
  store.append("s", several);
}

/** JSON makes text of a date, and of whatever else has `toJSON`. */
export function datesAreTaken(): void {
  store.append("s", { type: "t", data: { at: new Date(), link: new URL("https://varve.dev") } });
  store.append("s", { type: "t", data: new Date(), metadata: { at: new Date() } });
  const events: NewEvent[] = [{ type: "t", data: { at: new Date(), all: [new Date()] } }];
  store.append("s", events);
}

export function eventsMayBeOfAPlainType(): void {
  store.append("s", plain);
  store.append("s", [...plain, { type: "order.Placed" }]);
  const bare = { type: "order.Placed", data: { n: 1 } };
  store.append("s", bare);
  const [first] = plain;
  if (first) store.append("s", first);
}

/** What takes events of whatever type says so, and need not look at them. */
export class Journal<Event extends AnyEvent> {
  async write(event: AppendableEvent<Event>): Promise<void> {
    await store.append("journal", [event]);
  }
}

export async function genericCode<Event extends NewEvent>(events: readonly Event[]): Promise<void> {
  await store.append("s", events);
  await new Journal<InterfaceEvent>().write({ type: "order.Paid", data: orderPaid });
}

interface WithMap {
  readonly lines: ReadonlyMap<string, number>;
}
interface WithFunction {
  readonly run: () => void;
}
interface WithBigint {
  readonly deep: { readonly cents: bigint }[];
}
declare const withMap: WithMap;
declare const withFunction: WithFunction;
declare const withBigint: WithBigint;

class Basket {
  readonly lines: string[] = [];
  add(line: string): void {
    this.lines.push(line);
  }
}

export function whatJsonLosesDoesNotCompile(): void {
  // @ts-expect-error of a Map JSON writes {}
  store.append("s", { type: "t", data: new Map([["a", 1]]) });
  // @ts-expect-error the same deep in an interface
  store.append("s", { type: "t", data: withMap });
  // @ts-expect-error the same of a Set
  store.append("s", { type: "t", data: { all: new Set([1]) } });
  // @ts-expect-error bytes are the whole data, and a Uint8Array
  store.append("s", { type: "t", data: new ArrayBuffer(1) });
  // @ts-expect-error JSON has no functions
  store.append("s", { type: "t", data: withFunction });
  // @ts-expect-error JSON has no bigints
  store.append("s", { type: "t", data: withBigint });
  // @ts-expect-error JSON has no symbols
  store.append("s", { type: "t", data: { s: Symbol("s") } });
  // @ts-expect-error what has methods is more than its members
  store.append("s", { type: "t", data: new Basket() });
  // @ts-expect-error metadata is JSON, too
  store.append("s", { type: "t", metadata: withBigint });
  // @ts-expect-error data of an unknown type has to be looked at first
  store.append("s", { type: "t", data: {} as unknown });
  // @ts-expect-error the same to several streams
  store.appendMany([{ stream: "s", type: "t", data: withMap }]);
  // @ts-expect-error the same of a snapshot
  store.saveSnapshot({ stream: "s", revision: 1, schemaType: "x", data: withMap });
  // @ts-expect-error the same where tests tell what was before
  given({ stream: "s", type: "t", data: withMap });
}

export function misspeltMembersDoNotCompile(): void {
  // @ts-expect-error it is "metadata"
  store.append("s", { type: "t", metdata: {} });
  // @ts-expect-error the same beside an interface
  store.append("s", { type: "t", data: orderPaid, tag: ["a"] });
  // @ts-expect-error it is "expect"
  store.append("s", { type: "t" }, { expectedRevision: 1 });
  // @ts-expect-error it is "types"
  store.replay({ filter: { type: ["t"] } });
}

export function positionsAndRevisionsAreNumbersOrBigints(): void {
  store.append("s", { type: "t" }, { conditions: [{ noEventMatches: {}, after: 1 }] });
  store.append("s", { type: "t" }, { conditions: [{ noEventMatches: {}, after: 1n }] });
  store.subscribe({ start: { after: 1 } });
  store.subscribe({ start: { after: 1n } });
  store.read("s", { from: 1, to: 2n, limit: 3 });
  store.replay({ from: 1n, to: 2, limit: 3n });
  store.saveSnapshot({ stream: "s", revision: 1n, schemaType: "x", data: {} });
  expectTypeOf<ReadHeader["expect"]>().toEqualTypeOf<bigint | "no-stream">();
  expectTypeOf<ReadHeader["expect"]>().toExtend<ExpectedState>();
}

export function filtersAreTyped(): void {
  store.replay({ filter: { types: ["order.*"], tags: ["a"], category: "order" } });
  store.replay({ filter: [{ types: ["order.*"] }, { stream: "order-1" }] });
  // @ts-expect-error it is "tags", and an empty list of them says nothing
  store.replay({ filter: { tag: [] } });
  // @ts-expect-error types are a list
  store.replay({ filter: { types: "x" } });
  // @ts-expect-error tags are a list
  store.subscribe({ filter: { tags: "x" } });
  // @ts-expect-error one stream; several are several clauses
  store.read("s", { filter: { stream: ["a", "b"] } });
  // @ts-expect-error after is a position
  store.subscribe({ start: { after: "1" } });
  // @ts-expect-error it is "beginning"
  store.subscribe({ start: "start" });
}
