import type { ReplayOptions, ReplayProgress } from "@varve/client";
import type { CommandContext } from "../context.js";
import type { EventPrinter } from "./event-printer.js";
import { createProgress } from "./progress.js";

/**
 * Prints a replay. A progress bar shows while the events go somewhere else
 * than to the terminal.
 */
export async function printReplay(
  { client, out, err }: CommandContext,
  options: ReplayOptions,
  print: EventPrinter,
): Promise<void> {
  const bar = await createProgress(err, !out.isTerminal);
  const backwards = options.backwards ?? false;
  const onProgress = (progress: ReplayProgress) => {
    const total = Number(progress.to - progress.from + 1n);
    bar.update(done(progress, backwards), total, `position ${progress.position}`);
  };
  try {
    for await (const event of client.replay({ ...options, onProgress })) await print(event);
  } finally {
    bar.stop();
  }
}

function done({ position, from, to }: ReplayProgress, backwards: boolean): number {
  return Number(backwards ? to - position + 1n : position - from + 1n);
}
