import { judge } from "../checkers/judge.ts";
import type { History } from "../history.ts";
import { readFinalLog, startLoad } from "../load.ts";
import { Disturbances } from "../network/disturbances.ts";
import { SdkLoad, type SdkResult } from "../network/sdk-load.ts";
import { TcpProxy } from "../network/tcp-proxy.ts";
import type { Round, RoundReport, Scenario } from "../scenario.ts";
import { FaultServer } from "../server.ts";

/** How long the network is disturbed, and by how many disturbances at a time. */
const DISTURBED_MS = 5000;
const LANES = 4;
const CALL_MS_MAX = 2000;

export const network: Scenario = {
  name: "network",
  description:
    "connections are reset, closed, half-closed, delayed, slowed to a trickle and silenced, and answers are dropped after the commit; raw clients and the SDK go on",
  rounds: 4,
  run,
};

async function run(round: Round): Promise<RoundReport> {
  const { random, folder, signal } = round;
  await using server = await FaultServer.start({ folder, signal });
  await using proxy = await TcpProxy.start(server.address, random.fork());
  const load = startLoad({
    address: proxy.address,
    random: random.fork(),
    timeoutMs: CALL_MS_MAX,
    signal,
  });
  const sdk = await SdkLoad.start(proxy.address, random.fork());
  const disturbances = new Disturbances(proxy, random.fork(), signal);
  await disturbances.run(LANES, DISTURBED_MS);
  await sdk.settle();
  const raw = await load.stop();
  const log = await readFinalLog(server.address);
  const seen = await sdk.end(log.length);
  const history = {
    ...raw,
    appends: [...raw.appends, ...seen.appends],
    reads: [...raw.reads, ...seen.reads],
    subscriptions: [...raw.subscriptions, ...seen.subscriptions],
  };
  return {
    faults: disturbances.counts,
    counts: { ...countsOf(raw, seen), "events in the log": log.length },
    violations: [...seen.violations, ...(await judge(round, history, log))],
  };
}

function countsOf(raw: History, sdk: SdkResult): Record<string, number> {
  return {
    "raw appends acknowledged": acknowledged(raw),
    "raw appends without an answer": raw.appends.filter(isUnknown).length,
    "raw repeats": repeats(raw),
    "SDK appends acknowledged": acknowledged(sdk),
    "SDK repeats": repeats(sdk),
    "SDK reads": sdk.reads.length,
    "SDK reconnects seen": sdk.reconnects,
    "events delivered": delivered(raw) + delivered(sdk),
  };
}

type Appends = Pick<History, "appends">;

function acknowledged({ appends }: Appends): number {
  return appends.filter(({ outcome }) => outcome.case === "stored").length;
}

function repeats({ appends }: Appends): number {
  return appends.filter(({ outcome }) => outcome.case === "stored" && outcome.repeat).length;
}

function isUnknown({ outcome }: History["appends"][number]): boolean {
  return outcome.case === "unknown";
}

function delivered({ subscriptions }: Pick<History, "subscriptions">): number {
  return subscriptions.reduce((sum, { events }) => sum + events.length, 0);
}
