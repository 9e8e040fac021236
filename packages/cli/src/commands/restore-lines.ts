import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { addAbortSignal } from "node:stream";
import {
  type RestoredEvents,
  readSettings,
  restoreEvents,
  SettingsError,
  StoreError,
} from "@varve/server/backup";
import { withBackupFailures } from "../backup/failure.js";
import { restoredLinesJson, restoredLinesSentence } from "../backup/report.js";
import type { LocalContext } from "../context.js";
import { CommandFailure, exitStatus, wrongUse } from "../exit.js";
import { type LineSource, RecordedLines, RefusedLineError } from "../import/recorded-lines.js";
import { checkWorkspaceName } from "../options/workspace-name.js";
import { countOf } from "../output/format.js";
import { createProgress } from "../output/progress.js";
import { memberWords } from "../words.js";

/** What the lines are to become. */
export interface LinesTarget {
  readonly data: string;
  readonly workspace: string;
}

const standardInput = "-";

/** Makes a new workspace of lines, in a folder that no server uses. */
export async function restoreLines(
  context: LocalContext,
  words: readonly string[],
  target: LinesTarget,
): Promise<void> {
  checkWorkspaceName("--workspace", target.workspace);
  const { out, isTerminal } = context;
  const signal = context.takeInterrupts();
  const restored = await withBackupFailures(signal, () => run(context, words, target, signal));
  await out.line(
    isTerminal
      ? restoredLinesSentence(restored, target.data)
      : restoredLinesJson(restored, target.data),
  );
}

async function run(
  context: LocalContext,
  words: readonly string[],
  { data: dataFolder, workspace }: LinesTarget,
  signal: AbortSignal,
): Promise<RestoredEvents> {
  const { sources, sizeBytes } = await openAll(context, words, signal);
  const bar = await createProgress(context.err, true);
  const lines = new RecordedLines(sources, (readBytes, events) =>
    bar.update(readBytes, sizeBytes, () => countOf(events, "event"), events),
  );
  try {
    const limits = limitsOf(context.env);
    return await restoreEvents(lines, { dataFolder, workspace, signal, limits });
  } catch (error) {
    throw signal.aborted ? error : inWords(error, lines);
  } finally {
    bar.stop();
  }
}

interface Sources {
  readonly sources: readonly LineSource[];
  /** Absent if it cannot be known beforehand. */
  readonly sizeBytes?: number;
}

async function openAll(
  { input }: LocalContext,
  words: readonly string[],
  signal: AbortSignal,
): Promise<Sources> {
  const sizes = await Promise.all(words.map(sizeOf));
  const sources = words.map((word) =>
    word === standardInput
      ? { name: "standard input", open: () => addAbortSignal(signal, input) }
      : { name: word, open: () => createReadStream(word) },
  );
  const sizeBytes = sizes.reduce<number>((sum, size) => sum + (size ?? Number.NaN), 0);
  return { sources, ...(!Number.isNaN(sizeBytes) && { sizeBytes }) };
}

/** `undefined` if it cannot be known beforehand. */
async function sizeOf(word: string): Promise<number | undefined> {
  if (word === standardInput) return undefined;
  const stats = await stat(word).catch((error: Error) => {
    throw wrongUse(`The file ${word} cannot be read: ${error.message}.`);
  });
  if (stats.isDirectory()) throw wrongUse(`The file ${word} cannot be read: it is a folder.`);
  return stats.isFile() ? stats.size : undefined;
}

/** What a server with the same environment takes. */
function limitsOf(env: LocalContext["env"]): ReturnType<typeof readSettings>["limits"] {
  try {
    return readSettings({}, env).limits;
  } catch (error) {
    throw error instanceof SettingsError ? wrongUse(`${error.message}.`) : error;
  }
}

/** What is wrong with a line, whoever found it. */
function inWords(error: unknown, lines: RecordedLines): unknown {
  const refused = error instanceof StoreError ? lines.refuse(memberMessage(error.message)) : error;
  if (!(refused instanceof RefusedLineError)) return refused;
  const { source, line, message } = refused;
  return new CommandFailure(message, {
    status: exitStatus.usage,
    code: "INVALID_ARGUMENT",
    reason: "BAD_LINE",
    details: { source, line },
  });
}

/** An event's fields, as the engine names them, are members of its line. */
function memberMessage(message: string): string {
  return message.replaceAll(
    /(^|; )(events\[\d+\]\.[\w.[\]]+):/g,
    (_, before: string, field: string) => `${before}${memberWords(field)}`,
  );
}
