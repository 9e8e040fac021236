import Table from "cli-table3";
import type { Result, Saturation } from "../comparison/result.ts";
import { percent, readable } from "./number.ts";
import type { Report } from "./report.ts";
import { headOf, remarksOf } from "./surroundings.ts";

/** The results for a terminal. */
export function tableOf(report: Report): string {
  const table = new Table({
    head: ["", "case", "value", "baseline", "ratio", "goal", "server", "client", "limit"],
    colAligns: ["left", "left", "right", "right", "right", "left", "right", "right", "left"],
    style: { head: [], border: [], compact: true },
  });
  for (const result of report.results) table.push(rowOf(result));
  return [headOf(report), table.toString(), ...LEGEND, ...remarksOf(report)].join("\n");
}

function rowOf(result: Result): string[] {
  const { spread, cpu, baselineCpu } = result;
  return [
    result.id,
    result.case,
    `${readable(result.value)} ${result.unit}`,
    `${result.baseline} ${readable(result.baselineValue)}`,
    `${readable(result.ratio)} (${readable(spread.ratio[0])}–${readable(spread.ratio[1])})`,
    goalText(result),
    cpuText(cpu.serverUsPerEvent, baselineCpu.serverUsPerEvent, cpu.serverBusy),
    cpuText(cpu.clientUsPerEvent, baselineCpu.clientUsPerEvent, cpu.clientBusy),
    limitText(result.saturated, result.baselineSaturated),
  ];
}

/** For example `175 (90) µs, 98 %`. */
function cpuText(us = Number.NaN, baselineUs = Number.NaN, busy?: number): string {
  return `${readable(us)} (${readable(baselineUs)}) µs, ${percent(busy)}`;
}

/** For example `≥ 0.7 met`. */
function goalText({ goal, goalOn, goalIs, met, unit }: Result): string {
  if (goal === undefined) return "";
  const bound = `${goalIs === "at least" ? "≥" : "≤"} ${readable(goal)}`;
  return `${bound}${goalOn === "value" ? ` ${unit}` : ""} ${met ? "met" : "NOT MET"}`;
}

/** Whose core was full: of the value, and of its baseline. */
function limitText(value: Saturation, baseline: Saturation): string {
  const text = value === baseline ? value : `${value} / ${baseline}`;
  return value === "client" || baseline === "client" ? `${text} (!)` : text;
}

const LEGEND = [
  "server, client: processor time of each event (in brackets of the baseline's), and part of its core;",
  "limit: whose core was full, of the value and, if it differs, of the baseline; (!): the load was, so",
  "the ratio says less.",
];
