import type { Random } from "../random.ts";

/** Few, so that clients meet in them. */
const SHARED_STREAMS = 5;
const ORDER_STREAMS = 60;
const OWN_STREAMS = 10;
const TAGS = 8;
const UNIQUE_TAGS = 400;

export const categories: readonly string[] = ["shared", "order", "own", "fresh"];

export const types: readonly string[] = [
  "order.Placed",
  "order.Paid",
  "order.line.Added",
  "stock.Reserved",
  "stock.Released",
];

/** Some are for all clients, some for one alone. */
export function anyStream(random: Random, client: number): string {
  const kind = random.number();
  if (kind < 0.35) return `shared-${random.integer(1, SHARED_STREAMS)}`;
  if (kind < 0.7) return `order-${random.integer(1, ORDER_STREAMS)}`;
  return `own-${client}-${random.integer(1, OWN_STREAMS)}`;
}

export function anyType(random: Random): string {
  return random.pick(types);
}

export function anyTag(random: Random): string {
  return `tag:${random.integer(1, TAGS)}`;
}

/** Of a value that only one event may have. */
export function uniqueTag(random: Random): string {
  return `unique:${random.integer(1, UNIQUE_TAGS)}`;
}
