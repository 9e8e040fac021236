import type { AppendInit } from "../../src/support/requests.ts";
import type { AppendOperation, ReadOperation } from "../history.ts";
import type { Random } from "../random.ts";

/** Appends that are kept to be repeated. */
const KEPT_MAX = 1000;

/** What the clients of a load know of the log, from the answers they got. */
export class Knowledge {
  readonly #revisions = new Map<string, number>();
  /** Without an answer, and to be sent again. */
  readonly #unresolved: AppendInit[] = [];
  readonly #acknowledged: AppendInit[] = [];
  #freshStreams = 0;
  #headMax = 0;

  /** The highest position that is known to be durable. */
  get headMax(): number {
    return this.#headMax;
  }

  /** Last revision that was seen; the stream may have more by now. */
  revisionOf(stream: string): number | undefined {
    return this.#revisions.get(stream);
  }

  knownStream(random: Random): string | undefined {
    const streams = [...this.#revisions.keys()];
    return streams.length === 0 ? undefined : random.pick(streams);
  }

  /** A stream that nobody has seen; two clients may be given the same. */
  freshStream(random: Random): string {
    if (random.chance(0.6)) this.#freshStreams++;
    return `fresh-${this.#freshStreams}`;
  }

  /** To be sent once more, with the same append id. */
  takeUnresolved(): AppendInit | undefined {
    return this.#unresolved.shift();
  }

  acknowledgedBefore(random: Random): AppendInit | undefined {
    return this.#acknowledged.length === 0 ? undefined : random.pick(this.#acknowledged);
  }

  learnFromAppend({ append, outcome }: AppendOperation, random: Random): void {
    if (outcome.case === "unknown") {
      if (random.chance(0.5)) this.#unresolved.push(append);
    } else if (outcome.case === "stored") {
      this.#headMax = Math.max(this.#headMax, outcome.lastPosition);
      this.#keep(append, random);
      const written = new Map<string, number>(Object.entries(outcome.firstRevisions));
      for (const { stream = "" } of append.events) {
        const revision = written.get(stream) ?? 0;
        this.#see(stream, revision);
        written.set(stream, revision + 1);
      }
    } else {
      this.#learnFromConflict(append, outcome.found);
    }
  }

  learnFromRead({ stream, outcome }: ReadOperation): void {
    if (outcome.case !== "answered") return;
    this.#headMax = Math.max(this.#headMax, outcome.head);
    if (stream !== undefined && outcome.lastRevision !== undefined)
      this.#see(stream, outcome.lastRevision);
  }

  #learnFromConflict(
    { conditions = [] }: AppendInit,
    found: Extract<AppendOperation["outcome"], { case: "refused" }>["found"],
  ): void {
    for (const state of found) {
      if (state.case !== "stream" || state.lastRevision === undefined) continue;
      const kind = conditions[state.condition]?.kind;
      if (kind?.case === "stream" && kind.value.stream) {
        this.#see(kind.value.stream, state.lastRevision);
      }
    }
  }

  #see(stream: string, revision: number): void {
    if (revision > (this.#revisions.get(stream) ?? -1)) this.#revisions.set(stream, revision);
  }

  /** Old ones make room by chance, so that some stay through restarts. */
  #keep(append: AppendInit, random: Random): void {
    if (this.#acknowledged.length < KEPT_MAX) this.#acknowledged.push(append);
    else this.#acknowledged[random.integer(0, KEPT_MAX - 1)] = append;
  }
}
