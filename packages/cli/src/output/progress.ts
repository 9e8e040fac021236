import type { SingleBar } from "cli-progress";
import { formatCount, formatDuration } from "./format.js";
import type { TextOutput } from "./text-output.js";

/** Work that is done sooner shows no bar. */
const quietTimeMs = 300;

/** From one change of the bar to the next: work tells of every event. */
const changeTimeMs = 50;

/** How far a piece of work has come. */
export interface Progress {
  /**
   * Shows that `value` of `total` is done, and how long the rest will take at this rate;
   * without a total, the text and the rate alone. The rate is that of `count`, such as lines
   * where the value is bytes. Default: `value`. Made to be called often: what is not shown
   * is not asked for.
   */
  update(value: number, total: number | undefined, text: () => string, count?: number): void;
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
  const begunAtMs = performance.now();
  let startedAtMs = begunAtMs;
  let earlier = 0;
  let shownAtMs = begunAtMs + quietTimeMs - changeTimeMs;
  let bar: SingleBar | undefined;
  return {
    update(value, total, text, count = value) {
      const nowMs = performance.now();
      // Another piece of work, such as the next workspace.
      if (value < earlier) startedAtMs = nowMs;
      earlier = value;
      if (nowMs - shownAtMs < changeTimeMs) return;
      shownAtMs = nowMs;
      const elapsedMs = Math.max(nowMs - startedAtMs, 1);
      bar ??= start(total);
      if (total !== undefined) bar.setTotal(total);
      bar.update(value, { text: text() + paceOf({ value, total, count, elapsedMs }) });
    },
    stop() {
      bar?.stop();
      bar = undefined;
    },
  };
}

/** What is known of a piece of work that is under way. */
export interface Pace {
  readonly value: number;
  readonly total: number | undefined;
  readonly count: number;
  readonly elapsedMs: number;
}

/** How fast it goes, and how long it goes on if it goes on like that: ", 1,234/s, 8 s left". */
export function paceOf({ value, total, count, elapsedMs }: Pace): string {
  const rate = `, ${formatCount(Math.round((count * 1000) / elapsedMs))}/s`;
  if (total === undefined || value <= 0) return rate;
  return `${rate}, ${formatDuration((elapsedMs * (total - value)) / value)} left`;
}
