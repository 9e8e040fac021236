import { setTimeout as sleep } from "node:timers/promises";
import type { Random } from "../random.ts";
import type { Link } from "./link.ts";
import type { Way } from "./pump.ts";
import type { TcpProxy } from "./tcp-proxy.ts";

/** What can happen to a connection, and how often it does in proportion. */
const kinds = {
  reset: 4,
  FIN: 3,
  "half-close to the server": 2,
  "half-close to the client": 2,
  delay: 3,
  trickle: 3,
  "black hole to the server": 2,
  "black hole to the client": 2,
  "black hole for ever": 2,
  "answer dropped": 6,
} as const satisfies Record<string, number>;

type Kind = keyof typeof kinds;

const choices = Object.entries(kinds).flatMap(([kind, weight]) =>
  Array<Kind>(weight).fill(kind as Kind),
);

const PAUSE_MS_MAX = 150;
const DELAY_MS_MAX = 200;
const TRICKLE_DELAY_MS_MAX = 4;
/** How long a connection stays slow, or silent. Longer than clients wait, now and then. */
const DISTURBED_MS_MAX = 1500;
/** How long it may take until a request has passed and been answered. */
const ANSWER_MS_MAX = 1000;
const POLL_MS = 1;

/** Disturbs the connections of a proxy, several at a time, one after the other, by chance. */
export class Disturbances {
  /** What was done, by kind. */
  readonly counts: Record<string, number> = {};
  readonly #proxy: TcpProxy;
  readonly #random: Random;
  readonly #signal: AbortSignal;

  /** Ends sooner if the signal aborts. */
  constructor(proxy: TcpProxy, random: Random, signal: AbortSignal) {
    this.#proxy = proxy;
    this.#random = random;
    this.#signal = signal;
  }

  /** Returns when the time is over and every connection that stands is as it should be. */
  async run(lanes: number, durationMs: number): Promise<void> {
    const endMs = performance.now() + durationMs;
    await Promise.all(Array.from({ length: lanes }, () => this.#lane(this.#random.fork(), endMs)));
  }

  async #lane(random: Random, endMs: number): Promise<void> {
    while (!this.#signal.aborted && performance.now() < endMs) {
      await sleep(random.integer(1, PAUSE_MS_MAX));
      const links = this.#proxy.links.filter(({ isLost }) => !isLost);
      if (links.length > 0) await this.#disturb(random.pick(links), random);
    }
  }

  async #disturb(link: Link, random: Random): Promise<void> {
    const kind = random.pick(choices);
    if (await this.#do(kind, link, random)) this.counts[kind] = (this.counts[kind] ?? 0) + 1;
  }

  /** Whether it came to be. */
  async #do(kind: Kind, link: Link, random: Random): Promise<boolean> {
    switch (kind) {
      case "reset":
        link.reset();
        return true;
      case "FIN":
        link.finish();
        return true;
      case "half-close to the server":
        link.halfClose("server");
        return true;
      case "half-close to the client":
        link.halfClose("client");
        return true;
      case "black hole for ever":
        // Nobody will tell the client: it has to find out by itself.
        link.up.way = { kind: "black hole" };
        link.down.way = { kind: "black hole" };
        link.isLost = true;
        return true;
      case "answer dropped":
        return this.#dropAnswer(link);
      default:
        return this.#slowDown(kind, link, random);
    }
  }

  /** Lets a request through, and cuts when the answer is on its way: it was carried out. */
  async #dropAnswer(link: Link): Promise<boolean> {
    link.down.way = { kind: "black hole" };
    const { requests, answers } = link;
    const isAnswered = (): boolean => link.requests > requests && link.answers > answers;
    const endMs = performance.now() + ANSWER_MS_MAX;
    while (!isAnswered() && !link.isClosed && performance.now() < endMs) await sleep(POLL_MS);
    const dropped = isAnswered() && !link.isClosed;
    link.reset();
    return dropped;
  }

  /** For a while; then all is well again, or the connection is lost. */
  async #slowDown(kind: Kind, link: Link, random: Random): Promise<boolean> {
    if (link.isLost) return false;
    const way = wayOf(kind, random);
    if (kind !== "black hole to the client") link.up.way = way;
    if (kind !== "black hole to the server") link.down.way = way;
    await sleep(random.integer(10, DISTURBED_MS_MAX));
    if (random.chance(0.3)) link.reset();
    // Another lane may have been at it meanwhile.
    if (!link.isLost) {
      link.up.way = { kind: "open" };
      link.down.way = { kind: "open" };
    }
    return true;
  }
}

function wayOf(kind: Kind, random: Random): Way {
  if (kind === "delay") return { kind: "slow", delayMs: random.integer(1, DELAY_MS_MAX) };
  if (kind === "trickle") {
    return { kind: "trickle", delayMs: random.integer(0, TRICKLE_DELAY_MS_MAX) };
  }
  return { kind: "black hole" };
}
