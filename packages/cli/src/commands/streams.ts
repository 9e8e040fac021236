import type { StreamInfo } from "@varve/client";
import type { CommandContext } from "../context.js";
import { given } from "../options/given.js";
import { formatTime } from "../output/event-line.js";
import { streamInfoJson } from "../output/stream-info.js";

/** As many rows line up with each other; more are not held in memory. */
const tableRows = 500;

const columns = [
  { title: "stream" },
  { title: "events", align: "right" },
  { title: "first recorded" },
  { title: "last recorded" },
] as const;

export interface StreamsFlags {
  readonly prefix?: string;
}

/** Lists streams by name. */
export async function streams(context: CommandContext, { prefix }: StreamsFlags): Promise<void> {
  const found = context.client.listStreams(given({ prefix }));
  if (context.isTerminal) return printTables(context, found);
  for await (const info of found) await context.out.line(JSON.stringify(streamInfoJson(info)));
}

async function printTables(
  { out }: CommandContext,
  found: AsyncIterable<StreamInfo>,
): Promise<void> {
  const { printTable } = await import("../output/table.js");
  let rows: string[][] = [];
  let count = 0;
  for await (const info of found) {
    rows.push(rowOf(info));
    count += 1;
    if (rows.length < tableRows) continue;
    await printTable(out, columns, rows);
    rows = [];
  }
  if (rows.length > 0) await printTable(out, columns, rows);
  if (count === 0) await out.line("There are no streams.");
}

function rowOf(info: StreamInfo): string[] {
  const times = [info.firstRecordedAt, info.lastRecordedAt].map(formatTime);
  return [info.stream, String(info.eventCount), ...times];
}
