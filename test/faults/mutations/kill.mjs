import { engine, mutation } from "./mutation.mjs";

const WRITER = engine("write/writer.js");
const BATCH = "await writeDurably(this.log.db, writes);";
const LATER = "await new Promise((resolve) => setTimeout(resolve, 10));";

/** Makes the time between a decision and the moment when it is durable long enough to be hit. */
const slowWrites = [WRITER, BATCH, `{ ${LATER} ${BATCH} }`];

const broken = (guarantee, name, ...changes) =>
  mutation({ name, guarantee, scenario: "kill", changes });

/** What a crash of the process, and a load of many clients, must bring to light. */
export const kill = [
  broken("G1", "an append is answered before it is written", [
    WRITER,
    BATCH,
    `{ setTimeout(() => writeDurably(this.log.db, writes).catch(() => {}), 10); }`,
  ]),
  broken(
    "G2",
    "the blocks of an append are written one after the other",
    [
      engine("write/blocks.js"),
      "const BLOCK_BODY_BYTES = 32 * 1024;",
      "const BLOCK_BODY_BYTES = 1;",
    ],
    [
      WRITER,
      BATCH,
      `{
        const half = writes.length >> 1;
        await writeDurably(this.log.db, writes.slice(0, half));
        ${LATER}
        await writeDurably(this.log.db, writes.slice(half));
      }`,
    ],
  ),
  broken("G2", "the last event of a large append is forgotten", [
    engine("write/decider.js"),
    "const events = command.events.map((",
    "const events = command.events.slice(0, 20).map((",
  ]),
  broken("G3", "revisions go on one too high after a restart", [
    engine("write/stream-heads.js"),
    "(await this.index.last(stream))?.lastRevision ?? NO_STREAM",
    "((await this.index.last(stream))?.lastRevision ?? NO_STREAM - 1) + 1",
  ]),
  broken("G3", "revisions begin anew after a restart", [
    engine("write/stream-heads.js"),
    "(await this.index.last(stream))?.lastRevision ?? NO_STREAM",
    "NO_STREAM",
  ]),
  broken("G4", "times run backwards after a restart", [
    WRITER,
    "timeMs: Math.max(nowMs, recordedMs),",
    "timeMs: this.options.clock() - process.uptime() * 2000,",
  ]),
  broken("G4", "an event within a block is recorded with the position before its own", [
    engine("write/blocks.js"),
    "writeRecordedEvent(bytes, at, records[i]);",
    "writeRecordedEvent(bytes, at, i > start && i < end - 1 && records[i].position > 200 ? { ...records[i], position: records[i].position - 1 } : records[i]);",
  ]),
  broken(
    "G5",
    "stream conditions are checked before the writer's turn",
    ...["        return true;", "        }"].map((next) => [
      engine("write/preparer.js"),
      `item.prepared = { queries: item.queries, stored };\n${next}`,
      `item.prepared = { queries: item.queries, stored };
            item.prepared.early = new Map([...item.streams].map((s) => [s, this.heads.get(s)]));\n${next}`,
    ]),
    [
      engine("write/decider.js"),
      "const last = this.heads.get(condition.stream);",
      "const last = prepared.early.get(condition.stream);",
    ],
  ),
  broken("G5", "a query condition does not see what is being written", [
    engine("write/decider.js"),
    "progress.match ?? this.#matchSince(condition, progress, undurable)",
    "progress.match",
  ]),
  broken("G5", "a refusal is answered before what it rests on is durable", slowWrites, [
    engine("write/group.js"),
    "if (Buffer.isBuffer(decision) || decision instanceof Error) {",
    "if (decision instanceof Error) item.reject(decision);\n        if (Buffer.isBuffer(decision) || decision instanceof Error) {",
  ]),
  broken("G5", "an expected revision may be lower than the last", [
    engine("write/conditions.js"),
    "return lastRevision === expected;",
    "return lastRevision >= expected;",
  ]),
  broken("G6", "append ids are not stored", [
    engine("write/group.js"),
    "writes.push(writeAppendId(identity.id, { contentHash, response: decision.response }));",
    "void contentHash;",
  ]),
  broken("G6", "append ids are stored after the events", [
    WRITER,
    BATCH,
    `{
        const isId = ({ key }) => key[0] === "a".charCodeAt(0);
        await writeDurably(this.log.db, writes.filter((write) => !isId(write)));
        ${LATER}
        await writeDurably(this.log.db, writes.filter(isId));
      }`,
  ]),
  broken("G6", "a repeat is answered with the head of now", [
    engine("write/append-ids.js"),
    "response.repeat = true;",
    "response.repeat = true; response.lastPosition += 1n; response.firstPosition += 1n;",
  ]),
  broken("G7", "an append that is refused is stored all the same", [
    WRITER,
    "if (refusal)\n            return Promise.reject(refusal);\n        this.#pendingAppends++;",
    `if (!refusal && Math.random() < 0.02) {
            this.#waiting.push({ command, streams: streamsOf(command), resolve() {}, reject() {} });
            this.#pendingAppends++;
            this.#pendingBytes += command.bytes;
            this.#schedulePump();
            return Promise.reject(new StoreError(ErrorReason.CONDITION_FAILED, "refused"));
        }
        if (refusal)
            return Promise.reject(refusal);
        this.#pendingAppends++;`,
  ]),
  broken("G8", "a subscription leaves out what it reads first when it catches up", [
    engine("read/subscribe.js"),
    "const range = { first, last };",
    "const range = { first: first + (this.#isLive ? 0 : 1), last };",
  ]),
  broken("G8", "a subscription begins with the event that it was to begin after", [
    engine("read/subscribe.js"),
    "const range = { first, last };",
    "const range = { first: Math.max(1, first - (this.#isLive ? 0 : 1)), last };",
  ]),
  broken(
    "G8",
    "events are delivered before they are durable",
    [WRITER, BATCH, `{ this.log.publish(group.blocks); ${LATER} ${BATCH} }`],
    [WRITER, "this.log.publish(blocks);", ""],
  ),
  broken("G8", "a subscription falls silent", [
    engine("read/subscribe.js"),
    "this.options.onCaughtUp?.();",
    "if (this.#cursor > 1000) await new Promise(() => {});",
  ]),
  broken("G9", "a read does not see the newest event", [
    engine("read/read-stream.js"),
    "const head = log.head;",
    "const head = Math.max(0, log.head - 1);",
  ]),
  broken("G9", "a replay does not see the newest event", [
    engine("read/replay.js"),
    "const head = log.head;",
    "const head = Math.max(0, log.head - 1);",
  ]),
  broken("G9", "an append is answered before it can be read", [
    WRITER,
    "this.#publish(group);\n        this.#writing = undefined;",
    `for (const { item, answer } of group.answers.splice(0)) this.#answer(item, answer);
        ${LATER}
        this.#publish(group);
        this.#writing = undefined;`,
  ]),
  broken("G9", "a filter does not find every third event of a block by its tag", [
    engine("write/index-writes.js"),
    "for (const tag of tags)",
    "for (const tag of i % 3 === 2 ? [] : tags)",
  ]),
];
