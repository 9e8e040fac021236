import type { ClauseInit } from "../../src/support/requests.ts";
import type { Random } from "../random.ts";
import { anyStream, anyTag, anyType, categories } from "./names.ts";

/** A filter, by its clauses, that some events match. */
export function anyClauses(random: Random): ClauseInit[] {
  const first = anyClause(random);
  return random.chance(0.3) ? [first, anyClause(random)] : [first];
}

function anyClause(random: Random): ClauseInit {
  switch (random.integer(1, 6)) {
    case 1:
      return { tags: [anyTag(random)] };
    case 2:
      return { types: [anyType(random)] };
    case 3:
      return { types: [anyType(random), random.pick(["order.*", "stock.*"])] };
    case 4:
      return { tags: [anyTag(random)], types: [random.pick(["order.*", "stock.Reserved"])] };
    case 5:
      return { source: { case: "stream", value: anyStream(random, 1) }, types: [anyType(random)] };
    default:
      return {
        source: { case: "category", value: random.pick(categories) },
        tags: [anyTag(random)],
      };
  }
}
