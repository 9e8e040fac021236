import { fromBinary } from "@bufbuild/protobuf";
import { type AppendRequest, AppendRequestSchema, type AppendResponse } from "@varve/proto";
import type { FinalLog } from "../history.ts";
import type { Violation } from "../scenario.ts";

/** What may be in the log of the default workspace in the end. */
export class Ledger {
  /** Ids of acknowledged events, by position. */
  readonly #acknowledged = new Map<number, string>();
  /** Ids of events of appends that were not answered: stored once, or never. */
  readonly #unanswered = new Set<string>();

  /** Events that were acknowledged. */
  get size(): number {
    return this.#acknowledged.size;
  }

  /** `request`: as it was sent, right or wrong. */
  answered(request: Uint8Array, { firstPosition }: AppendResponse): void {
    const append = decode(request);
    if (!append || !isDefault(append)) return;
    for (const [i, id] of idsOf(append).entries()) {
      this.#acknowledged.set(Number(firstPosition) + i, id);
    }
  }

  unanswered(request: Uint8Array): void {
    const append = decode(request);
    if (append && isDefault(append)) for (const id of idsOf(append)) this.#unanswered.add(id);
  }

  /** What is missing, is not as it was sent, or was written by something that was refused. */
  check(log: FinalLog): Violation[] {
    const missing = [...this.#acknowledged.keys()]
      .filter((position) => position > log.length)
      .map((position) =>
        violation("G1", `the log has no position ${position}, which was acknowledged`),
      );
    const wrong = log.flatMap(({ position, id }) => {
      const expected = this.#acknowledged.get(position);
      if (expected === id || (expected === undefined && this.#unanswered.has(id))) return [];
      return expected === undefined
        ? violation("G13", `position ${position} has event ${id}, which no answered append wrote`)
        : violation("G1", `position ${position} has event ${id}, but ${expected} was acknowledged`);
    });
    return [...missing, ...wrong];
  }
}

function violation(guarantee: Violation["guarantee"], message: string): Violation {
  return { guarantee, message };
}

/** What the server makes of it; nothing if it cannot make anything of it. */
function decode(request: Uint8Array): AppendRequest | undefined {
  try {
    return fromBinary(AppendRequestSchema, request);
  } catch {
    return undefined;
  }
}

function isDefault({ workspace }: AppendRequest): boolean {
  return workspace === "" || workspace === "default";
}

function idsOf({ events }: AppendRequest): string[] {
  return events.map(({ event }) => event?.id ?? "");
}
