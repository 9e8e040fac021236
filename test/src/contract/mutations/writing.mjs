import { mutation } from "./mutation.mjs";

/** What appends rest on: conditions, places in the log, repeats. */
export const writing = [
  mutation(
    "an expected revision is off by one",
    "write/conditions.js",
    "return lastRevision === expected;",
    "return lastRevision + 1 === expected;",
  ),
  mutation(
    "an expected revision may be lower than the last",
    "write/conditions.js",
    "return lastRevision === expected;",
    "return lastRevision >= expected;",
  ),
  mutation(
    "the condition that a stream exists always holds",
    "write/conditions.js",
    "return lastRevision !== NO_STREAM;",
    "return true;",
  ),
  mutation(
    "the condition that a stream has no event always holds",
    "write/conditions.js",
    "return lastRevision === NO_STREAM;",
    "return true;",
  ),
  mutation(
    "conditions beyond the first are ignored",
    "write/decider.js",
    "of command.conditions.entries()) {",
    "of command.conditions.slice(0, 1).entries()) {",
  ),
  mutation(
    "only the first violated condition is told",
    "write/decider.js",
    "create(ConditionFailureSchema, { violations,",
    "create(ConditionFailureSchema, { violations: violations.slice(0, 1),",
  ),
  mutation(
    "a violation tells a head that is too low",
    "write/decider.js",
    "{ violations, head: BigInt(head) }",
    "{ violations, head: BigInt(head - 1) }",
  ),
  mutation(
    "after is inclusive in a query condition",
    "write/conditions.js",
    "const range = { first: after + 1, last: head };",
    "const range = { first: Math.max(1, after), last: head };",
  ),
  mutation(
    "a query condition only looks at what is durable when it comes",
    "write/decider.js",
    "progress.match ?? this.#matchSince(condition, progress, undurable)",
    "progress.match",
  ),
  mutation(
    "a query condition tells the last match",
    "write/conditions.js",
    "const position = runs[0]?.first;",
    "const position = runs.at(-1)?.last;",
  ),
  mutation(
    "a query condition beyond the head is taken",
    "write/decider.js",
    "if (condition.after > head)",
    "if (condition.after > head + 1)",
  ),
  mutation(
    "revisions have gaps in an append to several streams",
    "write/decider.js",
    "this.heads.get(stream) + 1;",
    "Math.max(this.heads.get(stream) + 1, command.events.length > 2 && i > 2 ? i : 0);",
  ),
  mutation(
    "streams of a result are in the order of their names",
    "write/decider.js",
    "ranges: [...ranges.values()],",
    "ranges: [...ranges.values()].sort((a, b) => (a.stream < b.stream ? -1 : 1)),",
  ),
  mutation(
    "positions have a gap after each append",
    "write/decider.js",
    "?? this.log.head) + 1;",
    "?? this.log.head + (this.log.head > 0 ? 1 : 0)) + 1;",
  ),
  mutation(
    "a refused append has taken its revisions",
    "write/decider.js",
    "this.#checkConditions(command, prepared, undurable, next - 1);",
    "try { this.#checkConditions(command, prepared, undurable, next - 1); } catch (error) { for (const { stream } of command.events) this.heads.decided(stream, (this.heads.get(stream) ?? NO_STREAM) + 1); throw error; }",
  ),
  mutation(
    "the time of a block runs backwards",
    "write/writer.js",
    "timeMs: Math.max(nowMs, recordedMs),",
    "timeMs: this.options.clock() - (this.log.head % 2) * 1000,",
  ),
  mutation(
    "an append is answered before it can be read",
    "write/writer.js",
    "this.log.publish(blocks);",
    "setTimeout(() => this.log.publish(blocks), 5);",
  ),
  mutation(
    "a repeat appends again",
    "write/decider.js",
    "if (identity && first)",
    "if (identity && first && false)",
  ),
  mutation(
    "a repeat is not marked",
    "write/append-ids.js",
    "response.repeat = true;",
    "response.repeat = false;",
  ),
  mutation(
    "an append id with other content is a repeat",
    "write/append-ids.js",
    "if (!first.contentHash.equals(identity.contentHash)) {",
    "if (false) {",
  ),
  mutation(
    "conditions do not belong to the content of an append",
    "request/append.js",
    "content.add(conditions);",
    "",
  ),
  mutation(
    "append ids are of all workspaces",
    "write/append-ids.js",
    "#recent = new Map();\n    #older",
    "#recent = (globalThis.recentIds ??= new Map());\n    #older",
  ),
  mutation(
    "a refused append takes its id",
    "write/decider.js",
    "this.#checkConditions(command, prepared, undurable, next - 1);",
    "try { this.#checkConditions(command, prepared, undurable, next - 1); } catch (error) { if (command.identity) this.ids.decided(command.identity.id, { contentHash: Buffer.alloc(16), response: Buffer.alloc(0) }); throw error; }",
  ),
  mutation(
    "append ids differ in capital letters",
    "request/append.js",
    "return uuidBytes(id, 0);",
    "return Buffer.from(id.subarray(0, 16));",
  ),
];
