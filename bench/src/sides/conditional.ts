import type { Side } from "../comparison/side.ts";
import type { Lab } from "../lab.ts";
import { ConditionalRequests, type ConditionKind } from "../load/conditional-requests.ts";
import { APPEND, calls } from "./calls.ts";
import type { Target } from "./target.ts";

const IN_FLIGHT = 64;
let categories = 0;

/** Unary appends of one event to streams of their own, under conditions that hold. */
export function conditionalAppends(
  lab: Lab,
  target: Target,
  condition: ConditionKind,
  tagged: boolean,
): Promise<Side> {
  const category = `conditional${categories++}`;
  const options = { path: APPEND, condition, tagged, category };
  const requests = new ConditionalRequests(lab.random(), options);
  const name = `${condition === "none" ? "no" : condition} condition${tagged ? ", tagged" : ""}`;
  return calls(lab, target, { name, inFlight: IN_FLIGHT, next: () => requests.next() });
}
