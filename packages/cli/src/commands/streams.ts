import type { StreamInfo } from "@varve/client";
import type { CommandContext } from "../context.js";
import { given } from "../options/given.js";
import { formatCount, formatTime } from "../output/format.js";
import { sayNothing } from "../output/nothing.js";
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
  const print = context.isTerminal ? printTables : printLines;
  if ((await print(context, found)) > 0) return;
  const sentence = prefix
    ? `There is no stream whose name starts with ${JSON.stringify(prefix)}.`
    : "There are no streams.";
  await sayNothing(context, sentence);
}

async function printLines(
  { out }: CommandContext,
  found: AsyncIterable<StreamInfo>,
): Promise<number> {
  let count = 0;
  for await (const info of found) {
    count += 1;
    await out.line(JSON.stringify(streamInfoJson(info)));
  }
  return count;
}

async function printTables(
  { out }: CommandContext,
  found: AsyncIterable<StreamInfo>,
): Promise<number> {
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
  return count;
}

function rowOf(info: StreamInfo): string[] {
  const times = [info.firstRecordedAt, info.lastRecordedAt].map(formatTime);
  return [info.stream, formatCount(info.eventCount), ...times];
}
