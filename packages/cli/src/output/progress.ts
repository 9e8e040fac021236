import type { SingleBar } from "cli-progress";
import type { TextOutput } from "./text-output.js";

/** Work that is done sooner shows no bar. */
const quietTimeMs = 300;

/** How far a piece of work has come. */
export interface Progress {
  /** Shows that `value` of `total` is done; without a total, the text alone. */
  update(value: number, total: number | undefined, text: string): void;
  /** Takes the bar away; a further update brings it back. */
  stop(): void;
}

const noProgress: Progress = { update() {}, stop() {} };

/** A progress bar, if it is wanted and `err` is a terminal; otherwise it shows nothing. */
export async function createProgress(err: TextOutput, wanted: boolean): Promise<Progress> {
  if (!wanted || !err.isTerminal) return noProgress;
  const { default: cliProgress } = await import("cli-progress");
  const startBar = (total: number | undefined): SingleBar => {
    const format = total === undefined ? "{text}" : "{bar} {percentage}% {text}";
    const stream = err.stream as NodeJS.WritableStream;
    const options = { format, stream, clearOnComplete: true, barsize: 30 };
    const bar = new cliProgress.SingleBar(options, cliProgress.Presets.shades_classic);
    bar.start(total ?? 0, 0, { text: "" });
    return bar;
  };
  return createBar(startBar);
}

function createBar(start: (total: number | undefined) => SingleBar): Progress {
  const startedAtMs = performance.now();
  let bar: SingleBar | undefined;
  return {
    update(value, total, text) {
      if (bar === undefined && performance.now() - startedAtMs < quietTimeMs) return;
      bar ??= start(total);
      if (total !== undefined) bar.setTotal(total);
      bar.update(value, { text });
    },
    stop() {
      bar?.stop();
      bar = undefined;
    },
  };
}
