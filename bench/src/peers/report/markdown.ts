import { percent, readable } from "../../report/number.ts";
import { notDurable, OTHERS_BUSY_MAX } from "../../report/report.ts";
import { goalCell, limitCell, winnerCell } from "./cells.ts";
import type { PeerReport, PeerRow, PeersReport } from "./peers-report.ts";

/** The results as a page can show them. */
export function markdownOf(report: PeersReport): string {
  return [...headOf(report), ...report.peers.flatMap((peer) => sectionOf(peer, report))]
    .join("\n")
    .concat("\n");
}

function headOf(report: PeersReport): string[] {
  const { machine, system, date, versions, commit, command, sync, othersBusy } = report;
  const busy = othersBusy !== undefined && othersBusy > OTHERS_BUSY_MAX;
  return [
    `${machine}, ${system}; ${date.slice(0, 10)}; Node ${versions.node}, Varve ${versions.varve}` +
      `${commit === undefined ? "" : ` (${commit})`}; \`${command}\`. ` +
      `A sync of ${sync.bytes} bytes takes ${readable(sync.p50Us)} µs on this disk.`,
    "",
    ...report.notes.flatMap((note) => [`${note}.`, ""]),
    ...(busy ? [`Other programs used ${percent(othersBusy)} of a core: measure again.`, ""] : []),
    ...(sync.durable ? [] : [notDurable(sync), ""]),
  ];
}

function sectionOf({ id, name, versions }: PeerReport, { rows }: PeersReport): string[] {
  const texts = Object.entries(versions).map(([what, version]) => `${what} ${version}`);
  return [
    `### ${name}`,
    "",
    `${texts.join(", ")}`,
    "",
    `| | Varve | ${name} | Varve ÷ ${name} | goal | ahead | core that was full |`,
    "|---|--:|--:|--:|---|---|---|",
    ...rows.filter((row) => row.id === id).map((row) => lineOf(row, name)),
    "",
  ];
}

function lineOf(row: PeerRow, name: string): string {
  const { spread, ratio, unit } = row;
  const cells = [
    row.case,
    `${readable(row.value)} ${unit}`,
    `${readable(row.baselineValue)} ${unit}`,
    `${readable(ratio)} (${readable(spread.ratio[0])}–${readable(spread.ratio[1])})`,
    goalCell(row),
    row.winner === "peer" ? `**${winnerCell(row, name)}**` : winnerCell(row, name),
    limitCell(row, name),
  ];
  return `| ${cells.join(" | ")} |`;
}
