import type { Snapshot } from "@varve/client";
import type { CommandContext } from "../context.js";
import { CommandFailure, exitStatus } from "../exit.js";
import { readPayload } from "../options/payload.js";
import { createPaint } from "../output/colours.js";
import { dataMembers, dataText } from "../output/event-json.js";
import { formatTime } from "../output/format.js";
import type { TextOutput } from "../output/text-output.js";

export interface SaveSnapshotFlags {
  readonly revision: bigint;
  readonly schemaType: string;
  /** JSON text, `@FILE`, or `-`. */
  readonly data: string;
  readonly contentType?: string;
}

/** Prints the latest snapshot of a stream. */
export async function getSnapshot(
  { client, out, isTerminal }: CommandContext,
  stream: string,
): Promise<void> {
  const snapshot = await client.getSnapshot(stream);
  if (snapshot === undefined) throw snapshotNotFound(stream);
  await out.line(isTerminal ? await describe(snapshot, out) : snapshotJson(snapshot));
}

/** Saves a state of a stream, and prints whether it is kept. */
export async function saveSnapshot(
  { client, input, out, isTerminal }: CommandContext,
  stream: string,
  { revision, schemaType, data, contentType }: SaveSnapshotFlags,
): Promise<void> {
  const payload = await readPayload(input, { option: "--data", word: data }, contentType);
  const saved = await client.saveSnapshot({ stream, revision, schemaType, ...payload });
  const json = JSON.stringify({ stream, revision: String(revision), schemaType, saved });
  await out.line(isTerminal ? sentence(stream, revision, saved) : json);
}

function sentence(stream: string, revision: bigint, saved: boolean): string {
  if (saved) return `The snapshot of ${stream} at revision ${revision} is saved.`;
  return `Not saved: ${stream} has a snapshot of this schema type that is at ${revision} or later.`;
}

function snapshotJson(snapshot: Snapshot): string {
  const { stream, revision, schemaType, savedAt } = snapshot;
  const place = `"stream":${JSON.stringify(stream)},"revision":"${revision}"`;
  const what = `"schemaType":${JSON.stringify(schemaType)},"savedAt":"${savedAt.toISOString()}"`;
  return `{${place},${what},${dataMembers(snapshot, dataText(snapshot))}}`;
}

async function describe(snapshot: Snapshot, out: TextOutput): Promise<string> {
  const { stream, revision, schemaType, savedAt } = snapshot;
  const { dataFields, fieldLines } = await import("../output/event-long.js");
  const fields = [
    ["stream", stream],
    ["revision", String(revision)],
    ["schema type", schemaType],
    ["saved at", formatTime(savedAt)],
    ...dataFields(snapshot),
  ] as const;
  return fieldLines(fields, createPaint(out.colours), out.columnsChars);
}

function snapshotNotFound(stream: string): CommandFailure {
  return new CommandFailure(`The stream ${JSON.stringify(stream)} has no snapshot.`, {
    status: exitStatus.refused,
    code: "NOT_FOUND",
    reason: "SNAPSHOT_NOT_FOUND",
    details: { stream },
  });
}
