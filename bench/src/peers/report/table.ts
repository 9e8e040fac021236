import Table from "cli-table3";
import { readable } from "../../report/number.ts";
import { headOf, remarksOf } from "../../report/surroundings.ts";
import { goalCell, limitCell, winnerCell } from "./cells.ts";
import type { PeerReport, PeerRow, PeersReport } from "./peers-report.ts";

/** The results for a terminal. */
export function peersTableOf(report: PeersReport): string {
  const table = new Table({
    head: ["", "Varve", "peer", "Varve ÷ peer", "goal", "ahead", "server", "client", "core full"],
    colAligns: ["left", "right", "right", "right", "left", "left", "right", "right", "left"],
    style: { head: [], border: [], compact: true },
  });
  for (const peer of report.peers) {
    table.push([{ content: titleOf(peer), colSpan: 9 }]);
    for (const row of report.rows) if (row.id === peer.id) table.push(cellsOf(row, peer.name));
  }
  return [headOf(report), table.toString(), ...LEGEND, ...remarksOf(report)].join("\n");
}

function titleOf({ name, versions }: PeerReport): string {
  const texts = Object.entries(versions).map(([what, version]) => `${what} ${version}`);
  return `${name} (${texts.join(", ")})`;
}

function cellsOf(row: PeerRow, name: string): string[] {
  const { spread, cpu, baselineCpu } = row;
  return [
    row.case,
    `${readable(row.value)} ${row.unit}`,
    `${readable(row.baselineValue)} ${row.unit}`,
    `${readable(row.ratio)} (${readable(spread.ratio[0])}–${readable(spread.ratio[1])})`,
    goalCell(row),
    winnerCell(row, name),
    cpuCell(cpu.serverUsPerEvent, baselineCpu.serverUsPerEvent),
    cpuCell(cpu.clientUsPerEvent, baselineCpu.clientUsPerEvent),
    limitCell(row, name),
  ];
}

/** For example `45 (90) µs`. */
function cpuCell(us = Number.NaN, peerUs = Number.NaN): string {
  return `${readable(us)} (${readable(peerUs)}) µs`;
}

const LEGEND = [
  "server, client: processor time of each event, in brackets the peer's; core full: of which",
  "process the core was busy all the time; (!): the load was, so the ratio says less.",
];
