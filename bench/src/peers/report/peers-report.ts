import type { Result } from "../../comparison/result.ts";
import type { Facts } from "../../machine/facts.ts";
import type { Report } from "../../report/report.ts";
import { TIME_UNIT } from "../comparisons.ts";
import type { PeerId } from "../peer.ts";

/** Who is ahead in every repeat; `neither` if it was now one and now the other. */
export type Winner = "varve" | "peer" | "neither";

/** Varve's figure is the value, the peer's the baseline. */
export interface PeerRow extends Result {
  readonly winner: Winner;
}

export interface PeerReport {
  readonly id: PeerId;
  readonly name: string;
  readonly versions: Readonly<Record<string, string>>;
}

/** What `bench/results/peers.json` holds. */
export interface PeersReport
  extends Facts,
    Pick<Report, "command" | "seconds" | "repeats" | "pinned" | "sync" | "othersBusy" | "notes"> {
  /** In each log when it was read. */
  readonly events: number;
  readonly peers: readonly PeerReport[];
  readonly rows: readonly PeerRow[];
}

export function rowOf(result: Result): PeerRow {
  return { ...result, winner: winnerOf(result) };
}

/** Of a time less is better, of everything else more. */
export function winnerOf({ spread, unit }: Pick<Result, "spread" | "unit">): Winner {
  const [least, greatest] = spread.ratio;
  if (least <= 1 && greatest >= 1) return "neither";
  return least > 1 === (unit !== TIME_UNIT) ? "varve" : "peer";
}
