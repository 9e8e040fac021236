import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
  Direction,
  type FilterSchema,
  ReadRequestSchema,
  ReplayRequestSchema,
  SubscribeRequestSchema,
} from "@varve/proto";
import type { ClauseInit } from "../../../src/support/requests.ts";
import type { KnownEvent, KnownLog } from "./known-log.ts";
import type { StreamMethod } from "./raw-client.ts";

/** A call that serves events, and what it served before the damage. */
export interface Query {
  /** For example `read order-7 backwards`. */
  readonly name: string;
  readonly method: StreamMethod;
  readonly request: Uint8Array;
  /** Positions, in the order of the answer. */
  readonly expected: readonly number[];
  readonly backwards: boolean;
  /** The events of the answer follow on one another: what is missing between them shows. */
  readonly isGapless: boolean;
}

/** Everything that a log can be asked, each event by many ways. */
export function queriesOf(log: KnownLog): Query[] {
  const streams = unique(log.events.map(({ stream }) => stream));
  return [
    ...bothWays((backwards) => replayAll(log, backwards)),
    subscribeToAll(log),
    ...streams.flatMap((stream) => bothWays((backwards) => read(log, stream, backwards))),
    ...filters(log).flatMap((filter) => bothWays((backwards) => filtered(log, filter, backwards))),
  ];
}

function bothWays(query: (backwards: boolean) => Query): Query[] {
  return [query(false), query(true)];
}

function replayAll(log: KnownLog, backwards: boolean): Query {
  return replayOf(log, "all", undefined, () => true, backwards, true);
}

function subscribeToAll(log: KnownLog): Query {
  const request = create(SubscribeRequestSchema, { workspace: log.workspace });
  return {
    name: "subscribe",
    method: "Subscribe",
    request: toBinary(SubscribeRequestSchema, request),
    expected: log.positions(() => true),
    backwards: false,
    isGapless: true,
  };
}

function read(log: KnownLog, stream: string, backwards: boolean): Query {
  const { workspace } = log;
  const direction = directionOf(backwards);
  const request = create(ReadRequestSchema, { workspace, stream, direction });
  const expected = log.positions((event) => event.stream === stream);
  return {
    name: `read ${stream}${backwards ? " backwards" : ""}`,
    method: "Read",
    request: toBinary(ReadRequestSchema, request),
    expected: backwards ? expected.reverse() : expected,
    backwards,
    isGapless: true,
  };
}

interface NamedFilter {
  readonly name: string;
  readonly clause: ClauseInit;
  readonly matches: (event: KnownEvent) => boolean;
}

function filtered(log: KnownLog, filter: NamedFilter, backwards: boolean): Query {
  const anyOf = { anyOf: [filter.clause] };
  return replayOf(log, filter.name, anyOf, filter.matches, backwards, false);
}

function filters({ events }: KnownLog): NamedFilter[] {
  const types = unique(events.map(({ type }) => type));
  const tags = unique(events.flatMap((event) => event.tags));
  const categories = unique(events.map(categoryOf));
  return [
    ...types.map((type) => ({
      name: `of type ${type}`,
      clause: { types: [type] },
      matches: (event: KnownEvent) => event.type === type,
    })),
    ...tags.map((tag) => ({
      name: `tagged ${tag}`,
      clause: { tags: [tag] },
      matches: ({ tags: own }: KnownEvent) => own.includes(tag),
    })),
    ...categories.map((category) => ({
      name: `of category ${category}`,
      clause: { source: { case: "category" as const, value: category } },
      matches: (event: KnownEvent) => categoryOf(event) === category,
    })),
  ];
}

function replayOf(
  log: KnownLog,
  name: string,
  filter: MessageInitShape<typeof FilterSchema> | undefined,
  matches: (event: KnownEvent) => boolean,
  backwards: boolean,
  isGapless: boolean,
): Query {
  const direction = directionOf(backwards);
  const request = { workspace: log.workspace, direction, ...(filter && { filter }) };
  const expected = log.positions(matches);
  return {
    name: `replay ${name}${backwards ? " backwards" : ""}`,
    method: "Replay",
    request: toBinary(ReplayRequestSchema, create(ReplayRequestSchema, request)),
    expected: backwards ? expected.reverse() : expected,
    backwards,
    isGapless,
  };
}

function directionOf(backwards: boolean): Direction {
  return backwards ? Direction.BACKWARDS : Direction.FORWARDS;
}

function categoryOf({ stream }: KnownEvent): string {
  return stream.split("-")[0] as string;
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)].sort();
}
