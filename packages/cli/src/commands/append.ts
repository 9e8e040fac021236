import type { AppendResult, ExpectedState } from "@varve/client";
import type { CommandContext } from "../context.js";
import { given } from "../options/given.js";
import { checkOneInput, readJsonObject, readPayload } from "../options/payload.js";

export interface AppendFlags {
  readonly type: string;
  /** The text, `@FILE`, or `-`. Default: `{}`. */
  readonly data?: string;
  /** Default: `application/json`. */
  readonly contentType?: string;
  /** As `data`. Default: none. */
  readonly metadata?: string;
  readonly tag?: readonly string[];
  readonly expect?: ExpectedState;
  readonly id?: string;
}

/** Appends one event, and prints where it is stored. */
export async function append(
  { client, input, out, isTerminal }: CommandContext,
  stream: string,
  flags: AppendFlags,
): Promise<void> {
  const { type, data = "{}", contentType, tag, expect, id } = flags;
  checkOneInput([data, flags.metadata]);
  const payload = await readPayload(input, { option: "--data", word: data }, contentType);
  const metadata =
    flags.metadata === undefined
      ? undefined
      : await readJsonObject(input, { option: "--metadata", word: flags.metadata });
  const event = { type, ...payload, ...given({ metadata, tags: tag, id }) };
  // The same command again has the same append id, and stores nothing twice.
  const result = await client.append(stream, event, given({ expect, appendId: id }));
  await out.line(isTerminal ? sentence(stream, result) : resultJson(stream, result));
}

function sentence(stream: string, result: AppendResult): string {
  const verb = result.repeat ? "Already stored" : "Stored";
  return `${verb} in ${stream} at revision ${revisionOf(result)}, position ${result.lastPosition}.`;
}

function resultJson(stream: string, result: AppendResult): string {
  const { firstPosition, lastPosition, recordedAt, repeat } = result;
  return JSON.stringify({
    stream,
    firstPosition: String(firstPosition),
    lastPosition: String(lastPosition),
    revision: revisionOf(result),
    recordedAt: recordedAt.toISOString(),
    repeat,
  });
}

function revisionOf({ streams }: AppendResult): string {
  return String(streams[0]?.lastRevision);
}
