import { StartupError } from "./startup-error.js";

/** What a server may keep open, so that its log never wants for a handle. */
export interface HandleBudget {
  /** Connections of clients at a time. */
  readonly connectionsMax: number;
  /** Databases of workspaces open at a time. */
  readonly openWorkspacesMax: number;
  /** Handles that the process may have, files and connections together. */
  readonly handlesMax: number;
}

export interface HandleNeeds {
  /** Connections as set; `undefined` for as many as there are handles, up to a default. */
  readonly connectionsMax: number | undefined;
  /** Workspaces as set; with few handles there are fewer. 0 in memory. */
  readonly openWorkspacesMax: number;
}

/** Each costs memory as well, so that this is enough where handles are without end. */
export const CONNECTIONS_DEFAULT_MAX = 10_000;

/** Node's own: its threads' and timers', standard streams, the sockets that listen. About 22. */
const PROCESS_HANDLES = 32;
/** Opened for a moment: by databases that are opened, checked or closed, and tables being merged. */
const WORK_HANDLES = 64;
/** What LevelDB holds of an open database: its log, its manifest, its lock, its own log of events. */
const DATABASE_HANDLES = 4;
/**
 * LevelDB maps the first 1,000 tables, of all databases, into memory without holding a handle.
 * Of the others it holds up to this part of the limit; and opens what is beyond it for each read.
 */
const TABLES_PART = 1 / 5;

/** With fewer there would be a handful of connections at best. */
const HANDLES_MIN = 160;

/**
 * Splits the handles of the process: first what the process and LevelDB's tables take,
 * then the open databases, at least half of the rest if they need it, then connections.
 * Throws `StartupError` if there are too few to run at all.
 */
export function planHandles(
  needs: HandleNeeds,
  handlesMax: number = handlesOfProcess(),
): HandleBudget {
  if (handlesMax < HANDLES_MIN) {
    throw new StartupError(
      `this process may open ${handlesMax} files and connections, and a server needs at least ${HANDLES_MIN}: raise the limit (ulimit -n)`,
    );
  }
  const wanted = needs.connectionsMax ?? CONNECTIONS_DEFAULT_MAX;
  if (handlesMax === Number.POSITIVE_INFINITY) {
    return { handlesMax, connectionsMax: wanted, openWorkspacesMax: needs.openWorkspacesMax };
  }
  const catalog = DATABASE_HANDLES;
  const tables = Math.ceil(handlesMax * TABLES_PART);
  const rest = handlesMax - PROCESS_HANDLES - WORK_HANDLES - catalog - tables;
  const forDatabases = Math.floor(Math.max(rest / 2, rest - wanted) / DATABASE_HANDLES);
  const openWorkspacesMax = Math.min(needs.openWorkspacesMax, forDatabases);
  const connectionsMax = Math.min(wanted, rest - openWorkspacesMax * DATABASE_HANDLES);
  return { handlesMax, connectionsMax, openWorkspacesMax };
}

interface ProcessReport {
  readonly userLimits?: { readonly open_files?: { readonly soft: number | string } };
}

/**
 * The limit of this process; infinite where there is none. Node raises what may be
 * raised by itself, when it starts.
 */
function handlesOfProcess(): number {
  const report: typeof process.report & { excludeNetwork?: boolean } = process.report;
  const { excludeNetwork = false } = report;
  // It would look up the names of all peers.
  report.excludeNetwork = true;
  const { userLimits } = report.getReport() as ProcessReport;
  report.excludeNetwork = excludeNetwork;
  const soft = userLimits?.open_files?.soft;
  return typeof soft === "number" ? soft : Number.POSITIVE_INFINITY;
}
