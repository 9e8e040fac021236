import { mutation } from "./mutation.mjs";

const broken = (guarantee, name, ...changes) =>
  mutation({ name, guarantee, scenario: "network", rounds: 8, changes });

/** A file of the SDK as it is built. */
const client = (path) => `packages/client/dist/${path}`;

const PIPELINE = client("call/append-pipeline.js");
const AGAIN = "this.#window.putBack(appends);\n        this.#failures += 1;";
const FOLLOW = client("call/follow.js");
const RESUME = [client("wire/requests.js"), 'start: { case: "after", value: position } };'];
const REPEATS = [FOLLOW, "frame.events.filter(({ position }) => position > received)"];

/** What connections that break must bring to light, in the SDK above all. */
export const network = [
  broken("G7", "the SDK sends an append again with another append id", [
    PIPELINE,
    AGAIN,
    `for (const { message } of appends) message.append.appendId = crypto.randomUUID();\n${AGAIN}`,
  ]),
  broken("G7", "the SDK sends an append again without its append id", [
    PIPELINE,
    AGAIN,
    `for (const { message } of appends) message.append.appendId = "";\n${AGAIN}`,
  ]),
  broken("G7", "the SDK gives an append up when its connection is lost", [
    PIPELINE,
    "const sent = this.#window.drainInFlight();\n        if (isRetryable(failure)) {",
    "const sent = this.#window.drainInFlight();\n        if (false) {",
  ]),
  broken("G7", "the SDK forgets the appends that were on their way", [
    PIPELINE,
    AGAIN,
    AGAIN.replace("appends", "appends.slice(1)"),
  ]),
  broken("G8", "a subscription of the SDK goes on one position too late", [
    ...RESUME,
    RESUME[1].replace("position", "position + 1n"),
  ]),
  broken(
    "G8",
    "a subscription of the SDK goes on one position too early, and delivers that again",
    [...RESUME, RESUME[1].replace("position", "position && position - 1n")],
    [...REPEATS, "frame.events.filter(() => received >= 0n)"],
  ),
  broken("G8", "a subscription of the SDK goes on after what the server has, not what it got", [
    FOLLOW,
    "this.#received ??= frame.position;",
    "this.#received = frame.head;",
  ]),
  broken(
    "G8",
    "the SDK does not notice a connection that is dead",
    [client("call/silence.js"), "this.#controller.abort(this.#dead())", "this.#dead()"],
    [
      client("connect.js"),
      "{ pingIntervalMs, pingTimeoutMs }",
      "{ pingIntervalMs: 1_000_000, pingTimeoutMs }",
    ],
  ),
];
