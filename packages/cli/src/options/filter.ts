import type { FilterClause } from "@varve/client";
import { given } from "./given.js";

/** The options that choose events. */
export interface FilterFlags {
  readonly type?: readonly string[];
  readonly tag?: readonly string[];
  readonly category?: string;
  readonly stream?: string;
}

/** The filter that the options describe; `undefined` if they choose every event. */
export function filterOf({ type, tag, category, stream }: FilterFlags): FilterClause | undefined {
  const clause = given({ types: type, tags: tag, category, stream });
  return Object.keys(clause).length === 0 ? undefined : clause;
}
