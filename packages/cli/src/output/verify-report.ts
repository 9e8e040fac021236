import type { FolderReport } from "@varve/server/integrity";
import type { Paint } from "./colours.js";
import { countOf } from "./format.js";
import { printable } from "./printable.js";

type FindingReport = Extract<FolderReport, { readonly type: "finding" }>;
type SummaryReport = Extract<FolderReport, { readonly type: "summary" }>;

/** A finding as JSON. Without a workspace it is of the catalog. */
export function findingJson({ workspace, finding }: FindingReport): string {
  const { kind, message, ...place } = finding;
  const position = "position" in place ? { position: String(place.position) } : {};
  return JSON.stringify({ workspace, kind, ...place, ...position, message });
}

/** The same for people. */
export function findingLine(
  { workspace = "(catalog)", finding }: FindingReport,
  paint: Paint,
): string {
  const { kind, message } = finding;
  return `${paint("stream", workspace)} ${paint("error", kind)} ${printable(message)}`;
}

/** What was checked in a workspace, as JSON. */
export function summaryJson({ workspace, findings, database }: SummaryReport): string {
  return JSON.stringify({
    workspace,
    head: database ? String(database.head) : null,
    events: database?.events ?? null,
    streams: database?.streams ?? null,
    blocks: database?.blocks ?? null,
    bytes: database?.bytes ?? null,
    findings,
    chain: database?.chain?.toString("hex") ?? null,
  });
}

/** The same as a sentence. */
export function summarySentence({ workspace, findings, database }: SummaryReport): string {
  const result = findings === 0 ? "nothing is damaged" : countOf(findings, "finding");
  if (!database) return `The workspace "${workspace}": ${result}; its events are not checked.`;
  const { events, streams, head } = database;
  const what = `${countOf(events, "event")} in ${countOf(streams, "stream")}`;
  return `The workspace "${workspace}": ${what}, up to position ${head}; ${result}.`;
}
