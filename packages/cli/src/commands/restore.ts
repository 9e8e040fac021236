import { addAbortSignal, type Readable } from "node:stream";
import {
  type BackupSource,
  openBackupStream,
  openBackups,
  type RestoredWorkspace,
  type RestoreOptions,
  restoreBackups,
} from "@varve/server/backup";
import { withBackupFailures } from "../backup/failure.js";
import { restoredJson, restoredSentence } from "../backup/report.js";
import type { LocalContext } from "../context.js";
import { wrongUse } from "../exit.js";
import { given } from "../options/given.js";
import { checkOneInput } from "../options/payload.js";
import { checkWorkspaceName } from "../options/workspace-name.js";
import { createProgress } from "../output/progress.js";

export interface RestoreFlags {
  readonly data: string;
  readonly toPosition?: bigint;
  readonly toTime?: Date;
  readonly workspace?: string;
  readonly as?: string;
  /** The sources hold lines, not backups. */
  readonly fromLines?: boolean;
}

const standardInput = "-";

/** Makes workspaces of backups, in a folder that no server uses. */
export async function restore(
  context: LocalContext,
  words: readonly string[],
  flags: RestoreFlags,
): Promise<void> {
  checkUse(words, flags);
  if (flags.fromLines) return fromLines(context, words, flags);
  const { out, isTerminal, input } = context;
  const signal = context.takeInterrupts();
  const restored = await withBackupFailures(signal, async () => {
    const sources = await openAll(words, input, signal);
    return run(context, sources, optionsOf(flags, signal));
  });
  for (const each of restored) {
    await out.line(
      isTerminal ? restoredSentence(each, flags.data) : restoredJson(each, flags.data),
    );
  }
}

function checkUse(words: readonly string[], { data, as }: RestoreFlags): void {
  if (data.trim() === "") throw wrongUse("--data must not be empty.");
  checkOneInput(words);
  if (as !== undefined) checkWorkspaceName("--as", as);
}

/** There is one workspace, named with either option. */
async function fromLines(
  context: LocalContext,
  words: readonly string[],
  { data, as, workspace = as ?? "default" }: RestoreFlags,
): Promise<void> {
  if (as !== undefined && as !== workspace) {
    throw wrongUse("With --from-lines, --workspace and --as name the same; give one of them.");
  }
  const { restoreLines } = await import("./restore-lines.js");
  await restoreLines(context, words, { data, workspace });
}

function optionsOf(flags: RestoreFlags, signal: AbortSignal): RestoreOptions {
  const { data: dataFolder, workspace, as, toPosition, toTime } = flags;
  return {
    dataFolder,
    signal,
    ...given({ workspace, as }),
    ...(toPosition !== undefined && { toPosition: Number(toPosition) }),
    ...(toTime && { toTimeMs: toTime.getTime() }),
  };
}

async function openAll(
  words: readonly string[],
  input: Readable,
  signal: AbortSignal,
): Promise<BackupSource[]> {
  const paths = words.filter((word) => word !== standardInput);
  const sources = await openBackups(paths);
  if (paths.length < words.length) {
    // Also ends the wait for an input that has nothing to give.
    addAbortSignal(signal, input);
    sources.push(await openBackupStream("standard input", input));
  }
  return sources;
}

async function run(
  { err }: LocalContext,
  sources: readonly BackupSource[],
  options: RestoreOptions,
): Promise<RestoredWorkspace[]> {
  const bar = await createProgress(err, true);
  try {
    const onProgress = (workspace: string, position: number, last: number): void =>
      bar.update(position, last, () => `${workspace}: position ${position}`);
    return await restoreBackups(sources, { ...options, onProgress });
  } finally {
    bar.stop();
  }
}
