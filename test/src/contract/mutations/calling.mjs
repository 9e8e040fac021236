import { mutation } from "./mutation.mjs";

/** How the SDK makes calls, and how its callers leave them. */
export const calling = [
  inClient(
    "a next that is pending outlasts the return",
    "call/iteration.js",
    "for (const { resolve } of this.#waiting.splice(0))",
    "for (const { resolve } of [])",
  ),
  inClient(
    "an iteration that was returned goes on",
    "call/iteration.js",
    "        this.interrupt();\n        if (this.#ended)",
    "        if (true)",
  ),
  inClient(
    "what is thrown into an iteration is lost",
    "call/iteration.js",
    "return Promise.reject(reason);",
    "return Promise.resolve({ done: true, value: undefined });",
  ),
  inClient(
    "the position counts the event that is being handled",
    "call/iteration.js",
    "this.#items[this.#next - this.#inHand - 1]",
    "this.#items[this.#next - 1]",
  ),
  inClient(
    "the position does not count the last event of a batch once more is asked for",
    "call/subscription.js",
    "this.#done = this.position;",
    "",
  ),
  inClient(
    "an append that is too large is told of by another limit",
    "call/size-check.js",
    'limit: "appendBytesMax"',
    'limit: "messageBytesMax"',
  ),
  inClient(
    "a snapshot that is too large is told of by another field",
    "call/size-check.js",
    'field: "snapshot.data"',
    'field: "snapshot"',
  ),
];

function inClient(name, file, from, to) {
  return mutation(name, file, from, to, "client");
}
