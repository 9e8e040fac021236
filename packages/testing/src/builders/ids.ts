import { createHash } from "node:crypto";
import { v7 as uuidV7 } from "uuid";

/** As good as any other, as long as it is the same. */
const START_MS = Date.UTC(2024, 0, 1);

/**
 * UUIDs that are the same in every run, each greater than the one before: the
 * function that is returned gives the next. Another seed gives others.
 *
 * ```ts
 * const nextId = deterministicIds("orders");
 * nextId();
 * ```
 */
export function deterministicIds(seed: string | number): () => string {
  let count = 0;
  return () => {
    const random = createHash("sha256").update(`${seed}/${count}`).digest().subarray(0, 16);
    // As the ids of the SDK are: version 7, here one millisecond apart.
    const id = uuidV7({ msecs: START_MS + count, random });
    count += 1;
    return id;
  };
}
