import type { Result } from "../comparison/result.ts";
import { readable } from "./number.ts";
import { OTHERS_BUSY_MAX, type Report, type SyncReport } from "./report.ts";

const WIDTH = 900;
const MARGIN = 20;
const HEADING_HEIGHT = 30;
const ROW_HEIGHT = 20;
const BAR_HEIGHT = 12;
/** Where bars begin, and where a bar ends that is just at its goal. */
const BAR_X = 300;
const GOAL_X = 480;
/** A bar is not drawn beyond so many times its goal. */
const SCORE_MAX = 2;
const TEXT_X = BAR_X + (GOAL_X - BAR_X) * SCORE_MAX + 12;

/**
 * A picture of the goals and of how far they are reached, as SVG. It follows the
 * light or dark scheme of whoever looks at it.
 */
export function chartOf(report: Report): string {
  const rows = report.results.filter((result) => result.goal !== undefined);
  const lines: string[] = [];
  let y = MARGIN + HEADING_HEIGHT;
  let id = "";
  for (const result of rows) {
    if (result.id !== id) {
      id = result.id;
      lines.push(text("heading", MARGIN, y + 20, `${id}  ${result.title}`));
      y += HEADING_HEIGHT;
    }
    lines.push(...rowOf(result, y));
    y += ROW_HEIGHT;
  }
  const caption = captionOf(report).map((line, i) => text("note", MARGIN, y + 28 + i * 16, line));
  const goal = `<line class="goal" x1="${GOAL_X}" x2="${GOAL_X}" y1="${MARGIN + 20}" y2="${y}"/>`;
  const goalLabel = text("note", GOAL_X, MARGIN + 12, "goal", "middle");
  const body = [...lines, goal, goalLabel, ...caption];
  return svg(y + 36 + caption.length * 16, body);
}

/** How far the goal is reached: 1 is just so. More is better, whatever is measured. */
export function scoreOf({ value, ratio, goal = 1, goalOn, goalIs }: Result): number {
  const figure = goalOn === "value" ? value : ratio;
  if (goalIs === "at least") return figure / goal;
  // A time may be negative: then it is as short as can be.
  return figure <= 0 ? SCORE_MAX : goal / figure;
}

function rowOf(result: Result, y: number): string[] {
  const score = Math.min(SCORE_MAX, Math.max(0, scoreOf(result)));
  const width = ((GOAL_X - BAR_X) * score).toFixed(1);
  const top = y + (ROW_HEIGHT - BAR_HEIGHT) / 2;
  const baseline = y + ROW_HEIGHT / 2 + 4;
  const style = result.met ? "met" : "missed";
  return [
    text("case", BAR_X - 12, baseline, result.case, "end"),
    `<rect class="${style}" x="${BAR_X}" y="${top}" width="${width}" height="${BAR_HEIGHT}"/>`,
    text("case", TEXT_X, baseline, figureText(result)),
  ];
}

/** For example `0.82 × B4 (goal ≥ 0.7)`. */
function figureText({ value, unit, ratio, baseline, goal = 1, goalOn, goalIs }: Result): string {
  const bound = `${goalIs === "at least" ? "≥" : "≤"} ${readable(goal)}`;
  return goalOn === "value"
    ? `${readable(value)} ${unit} (goal ${bound})`
    : `${readable(ratio)} × ${baseline} (goal ${bound})`;
}

function captionOf({ machine, date, versions, command, sync, othersBusy = 0 }: Report): string[] {
  const quiet = othersBusy <= OTHERS_BUSY_MAX ? "" : " The machine was not quiet.";
  return [
    "How far each goal is reached, up to twice. B0 to B4 are limits of the same machine, " +
      "measured in the same run: see docs/benchmarks.md.",
    `${machine}; Node ${versions.node}; ${date.slice(0, 10)}; ${command}`,
    `${durability(sync)}${quiet}`,
  ];
}

function durability({ durable, p50Us }: SyncReport): string {
  const what = durable ? "Every append is durable" : "Nothing here is durable";
  return `${what}: a sync takes ${readable(p50Us)} µs on this disk.`;
}

function text(style: string, x: number, y: number, content: string, anchor = "start"): string {
  const place = `x="${x}" y="${y}" text-anchor="${anchor}"`;
  return `<text class="${style}" ${place}>${escaped(content)}</text>`;
}

function escaped(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function svg(height: number, body: readonly string[]): string {
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img">`,
    "<title>Varve: goals and what was measured</title>",
    `<style>${STYLE}</style>`,
    ...body,
    "</svg>",
  ].join("\n")}\n`;
}

const STYLE = `
text { font: 12px system-ui, sans-serif; fill: #1f2328; }
.heading { font-weight: 600; }
.note { fill: #59636e; }
.met { fill: #2f7fb8; }
.missed { fill: #c9721f; }
.goal { stroke: #59636e; stroke-dasharray: 3 3; }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc; }
  .note { fill: #9198a1; }
  .goal { stroke: #9198a1; }
}
`;
