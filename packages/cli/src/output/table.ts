import Table from "cli-table3";
import { createPaint } from "./colours.js";
import { printable } from "./printable.js";
import type { TextOutput } from "./text-output.js";

const noBorders = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: "  ",
};

export interface TableColumn {
  readonly title: string;
  /** Default: left. */
  readonly align?: "left" | "right";
}

/** Prints rows under column titles. */
export async function printTable(
  out: TextOutput,
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
): Promise<void> {
  const paint = createPaint(out.colours);
  const table = new Table({
    head: columns.map(({ title }) => paint("minor", title)),
    colAligns: columns.map(({ align }) => align ?? "left"),
    chars: noBorders,
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
  });
  table.push(...rows.map((row) => row.map(printable)));
  await out.line(trimLines(table.toString()));
}

/** Prints names and their values, one pair a line. */
export async function printFields(
  out: TextOutput,
  fields: readonly (readonly [name: string, value: string])[],
): Promise<void> {
  const paint = createPaint(out.colours);
  const table = new Table({
    chars: noBorders,
    style: { border: [], "padding-left": 0, "padding-right": 0 },
  });
  table.push(...fields.map(([name, value]) => [paint("minor", name), printable(value)]));
  await out.line(trimLines(table.toString()));
}

function trimLines(text: string): string {
  return text.replaceAll(/ +$/gm, "");
}
