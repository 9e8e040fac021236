import type { ReplayOptions, ReplayProgress } from "@varve/client";
import type { CommandContext } from "../context.js";
import type { EventPrinter } from "./event-printer.js";
import { createProgress } from "./progress.js";

/**
 * Prints a replay, and resolves to the number of events. A progress bar shows while the
 * events go to a file: on the terminal it would be in their way, and behind a pipe there
 * may be a command with a bar of its own.
 */
export async function printReplay(
  { client, out, err }: CommandContext,
  options: ReplayOptions,
  { print, flush }: EventPrinter,
): Promise<number> {
  const bar = await createProgress(err, !out.isTerminal && !out.isPipe);
  const backwards = options.backwards ?? false;
  let events = 0;
  const onProgress = (progress: ReplayProgress) => {
    const total = Number(progress.to - progress.from + 1n);
    const looked = done(progress, backwards);
    bar.update(looked, total, () => `position ${progress.position}`);
  };
  try {
    for await (const event of client.replay({ ...options, onProgress })) {
      events += 1;
      await print(event);
    }
  } finally {
    bar.stop();
    await flush();
  }
  return events;
}

function done({ position, from, to }: ReplayProgress, backwards: boolean): number {
  return Number(backwards ? to - position + 1n : position - from + 1n);
}
