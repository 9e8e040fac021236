import { mutation } from "./mutation.mjs";

/** What subscriptions say, and when. */
export const subscribing = [
  mutation(
    "caught-up is said at every arrival",
    "read/subscribe.js",
    "this.#isLive = true;\n",
    "\n",
  ),
  mutation(
    "caught-up is said twice",
    "read/subscribe.js",
    'yield this.#tell("caughtUp");',
    'yield this.#tell("caughtUp"); yield this.#tell("caughtUp");',
  ),
  mutation("caught-up is never said", "read/subscribe.js", 'yield this.#tell("caughtUp");', ""),
  mutation(
    "after is inclusive in a subscription",
    "read/subscribe.js",
    'query.start === "end" ? head : query.start.after;',
    'query.start === "end" ? head : Math.max(0, query.start.after - 1);',
  ),
  mutation(
    "a subscription from the end begins at the beginning",
    "read/subscribe.js",
    'query.start === "end" ? head : query.start.after;',
    'query.start === "end" ? 0 : query.start.after;',
  ),
  mutation(
    "a subscription may begin beyond the head",
    "read/subscribe.js",
    "if (this.#cursor > head)",
    "if (false)",
  ),
  mutation(
    "heartbeats are never sent",
    "read/subscribe.js",
    'if (outcome === "timeout")',
    "if (false)",
  ),
  mutation(
    "heartbeats tell the last event sent, not how far the log was looked at",
    "read/subscribe.js",
    'yield this.#tell("heartbeat");',
    'yield encode({ case: "heartbeat", value: { position: BigInt(this.#told) } });',
  ),
  mutation(
    "fell-behind is never said",
    "read/subscribe.js",
    "this.#isLive && head - this.#cursor > FELL_BEHIND_POSITIONS",
    "false",
  ),
  mutation(
    "checkpoints are never sent",
    "read/subscribe.js",
    "else if (this.#cursor - this.#told >= CHECKPOINT_POSITIONS) {",
    "else if (false) {",
  ),
  mutation(
    "who waits is not told that the head has moved",
    "workspace/head-signals.js",
    "this.#held.get(name)?.signal.moved(head);",
    "",
  ),
  mutation("confirmed is not sent", "read/subscribe.js", "yield this.#begin(", "this.#begin("),
  mutation(
    "a live subscription skips an event",
    "read/subscribe.js",
    "this.#searchIn(lease.workspace, upTo + 1, head)",
    "this.#searchIn(lease.workspace, upTo + (this.#isLive ? 2 : 1), head)",
  ),
  mutation(
    "a live subscription ignores its filter",
    "read/subscribe.js",
    "filter: this.query.filter, range",
    "filter: this.#isLive ? [] : this.query.filter, range",
  ),
];
