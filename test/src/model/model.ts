/**
 * What Varve is, in as few words as possible: a list of events, and rules that
 * look at all of it. Knows nothing of blocks, indexes or frames.
 */
export interface ModelEvent {
  readonly stream: string;
  readonly type: string;
  readonly tags: readonly string[];
  readonly value: number;
}

export interface Recorded extends ModelEvent {
  readonly position: number;
  readonly revision: number;
}

export interface Clause {
  readonly types?: readonly string[];
  readonly tags?: readonly string[];
  readonly stream?: string;
  readonly category?: string;
}

export type Expected = "no-stream" | "exists" | number;

export type ModelCondition =
  | { readonly stream: string; readonly expect: Expected }
  | { readonly noEventMatches: readonly Clause[]; readonly after: number };

export interface Range {
  readonly from: number;
  readonly to: number;
  readonly backwards: boolean;
  readonly limit?: number | undefined;
}

export interface ModelSnapshot {
  readonly revision: number;
  readonly schemaType: string;
  readonly data: number;
}

export class Model {
  readonly log: Recorded[] = [];
  readonly snapshots: Map<string, ModelSnapshot> = new Map();
  /** First positions by append id, of appends that were stored. */
  readonly appends: Map<string, number> = new Map();

  get head(): number {
    return this.log.length;
  }

  stream(name: string): Recorded[] {
    return this.log.filter((event) => event.stream === name);
  }

  /** Which conditions do not hold. */
  violated(conditions: readonly ModelCondition[]): number[] {
    return conditions.flatMap((condition, i) => (this.#holds(condition) ? [] : [i]));
  }

  append(events: readonly ModelEvent[], appendId: string): void {
    this.appends.set(appendId, this.head + 1);
    for (const event of events) {
      const revision = this.stream(event.stream).length;
      this.log.push({ ...event, position: this.head + 1, revision });
    }
  }

  read(name: string, range: Range): Recorded[] {
    return cut(
      this.stream(name).filter((e) => e.revision >= range.from && e.revision <= range.to),
      range,
    );
  }

  replay(filter: readonly Clause[], range: Range): Recorded[] {
    const inRange = this.log.filter((e) => e.position >= range.from && e.position <= range.to);
    return cut(
      inRange.filter((event) => matches(filter, event)),
      range,
    );
  }

  /** Whether a snapshot is taken; `undefined` if it is refused. */
  saveSnapshot(
    stream: string,
    revision: number,
    schemaType: string,
    data: number,
  ): boolean | undefined {
    if (revision >= this.stream(stream).length) return undefined;
    const present = this.snapshots.get(stream);
    if (present?.schemaType === schemaType && present.revision > revision) return false;
    this.snapshots.set(stream, { revision, schemaType, data });
    return true;
  }

  #holds(condition: ModelCondition): boolean {
    if ("noEventMatches" in condition) {
      const later = this.log.slice(condition.after);
      return !later.some((event) => matches(condition.noEventMatches, event));
    }
    const last = this.stream(condition.stream).length - 1;
    if (condition.expect === "no-stream") return last === -1;
    if (condition.expect === "exists") return last >= 0;
    return last === condition.expect;
  }
}

function cut(events: Recorded[], { backwards, limit }: Range): Recorded[] {
  return (backwards ? events.toReversed() : events).slice(0, limit);
}

export function matches(filter: readonly Clause[], event: ModelEvent): boolean {
  return filter.some(
    ({ types = [], tags = [], stream, category }) =>
      (types.length === 0 || types.some((type) => matchesType(type, event.type))) &&
      tags.every((tag) => event.tags.includes(tag)) &&
      (stream === undefined || event.stream === stream) &&
      (category === undefined || event.stream.split("-")[0] === category),
  );
}

function matchesType(wanted: string, type: string): boolean {
  return wanted.endsWith("*") ? type.startsWith(wanted.slice(0, -1)) : type === wanted;
}
