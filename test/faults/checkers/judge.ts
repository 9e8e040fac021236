import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { FinalLog, History } from "../history.ts";
import type { Round, Violation } from "../scenario.ts";
import { checkAll } from "./index.ts";

/** What the record of a round is called, beside the data that is kept. */
const RECORD = "faults-record.json";

/** As `checkAll`; if it finds something, the record stays in the round's folder, to look into. */
export async function judge(
  { folder }: Pick<Round, "folder">,
  history: History,
  log: FinalLog,
): Promise<Violation[]> {
  const violations = checkAll(history, log);
  if (violations.length > 0) {
    const record = { violations, history, log };
    await writeFile(join(folder, RECORD), JSON.stringify(record, readable, 1));
  }
  return violations;
}

/** The data of events is random; its size is all there is to say about it. */
function readable(_key: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (value === Number.POSITIVE_INFINITY) return "infinite";
  return typeof value === "bigint" ? value.toString() : value;
}
