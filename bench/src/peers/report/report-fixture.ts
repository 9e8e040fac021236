import type { PeerRow, PeersReport } from "./peers-report.ts";

const cpu = { clientUsPerEvent: 20, clientBusy: 0.5, serverUsPerEvent: 40, serverBusy: 0.9 };

/** For tests: a row in which Varve is twice as fast. */
export const anyRow: PeerRow = {
  id: "umadb",
  title: "UmaDB",
  case: "64 writers",
  value: 20_000,
  unit: "events/s",
  baseline: "umadb",
  baselineValue: 10_000,
  ratio: 2,
  goal: 1,
  goalOn: "ratio",
  goalIs: "at least",
  met: true,
  spread: { value: [19_000, 21_000], baselineValue: [9_000, 11_000], ratio: [1.8, 2.2] },
  cpu,
  baselineCpu: cpu,
  saturated: "server",
  baselineSaturated: "client",
  details: {},
  repeats: 5,
  winner: "varve",
};

/** For tests: with a row that the peer wins. */
export const anyReport: PeersReport = {
  machine: "a machine",
  system: "linux",
  date: "2030-01-02T03:04:05.000Z",
  versions: { node: "24.0.0", varve: "0.1.0" },
  command: "npm run bench:peers",
  seconds: 1.5,
  repeats: 5,
  events: 100_000,
  pinned: true,
  sync: { p50Us: 200, p99Us: 900, leastUs: 100, bytes: 527, durable: true },
  othersBusy: 0.02,
  notes: [],
  peers: [
    {
      id: "umadb",
      name: "UmaDB",
      versions: { umadb: "0.7.8" },
    },
  ],
  rows: [anyRow, { ...anyRow, case: "1 writer", ratio: 0.5, met: false, winner: "peer" }],
};
