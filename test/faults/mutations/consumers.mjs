import { engine, mutation } from "./mutation.mjs";

const broken = (guarantee, name, ...changes) =>
  mutation({ name, guarantee, scenario: "consumers", rounds: 2, changes });

const server = (path) => `packages/server/dist/${path}`;

/** Nothing that calls hold is counted. */
const noAccount = [
  server("grpc/call-memory.js"),
  "const fits = bytes <= this.#bytesMax;",
  "const fits = true;",
];

/** What clients that are slow, or gone, must bring to light. */
export const consumers = [
  broken("G12", "what calls hold together has no bound", noAccount),
  broken("G12", "frames are prepared whether there is room for them or not", [
    server("grpc/call-share.js"),
    "if (this.hasRoom) {",
    "if (!this.#closed) {",
  ]),
  broken(
    "G12",
    "a subscription reads ahead of a client that does not",
    [server("grpc/calls.js"), "await sent;\n        if (signal.aborted)", "if (signal.aborted)"],
    noAccount,
  ),
  broken("G12", "an AppendStream call is read on, however many outcomes wait", [
    engine("write/append-stream.js"),
    "return this.#unanswered >= UNANSWERED_MAX || this.#outcomeBytes >= OUTCOME_BYTES_MAX;",
    "return false;",
  ]),
  broken("G8", "a subscription that is behind leaves out what it has missed", [
    engine("read/subscribe.js"),
    "const range = { first, last };",
    "const range = { first: Math.max(first, this.#isLive ? last - 3 : 0), last };",
  ]),
  broken("G13", "a stop waits for calls that have no end", [
    server("server.js"),
    "await endOfCalls(parts, left);",
    "await endOfCalls(parts, left); process.exit(1);",
  ]),
];
