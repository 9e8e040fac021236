import type { StreamInfo } from "@varve/client";
import type { CommandContext } from "../context.js";
import { streamNotFound } from "../exit.js";
import { formatCount, formatTime } from "../output/format.js";
import { streamInfoJson } from "../output/stream-info.js";

/** Prints what is known of one stream. */
export async function stream(context: CommandContext, name: string): Promise<void> {
  const { client, out, isTerminal } = context;
  const info = await client.getStream(name);
  if (info === undefined) {
    if (!isTerminal) await out.line(JSON.stringify({ stream: name, exists: false }));
    throw streamNotFound(name);
  }
  if (isTerminal) return printInfo(context, info);
  const { stream, ...rest } = streamInfoJson(info);
  await out.line(JSON.stringify({ stream, exists: true, ...rest }));
}

async function printInfo({ out }: CommandContext, info: StreamInfo): Promise<void> {
  const { printFields } = await import("../output/table.js");
  await printFields(out, [
    ["stream", info.stream],
    ["events", formatCount(info.eventCount)],
    ["last revision", String(info.lastRevision)],
    ["last position", String(info.lastPosition)],
    ["first recorded", formatTime(info.firstRecordedAt)],
    ["last recorded", formatTime(info.lastRecordedAt)],
  ]);
}
