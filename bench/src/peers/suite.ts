import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Result } from "../comparison/result.ts";
import { findCores } from "../machine/cores.ts";
import { readFacts } from "../machine/facts.ts";
import { removeFolder } from "../run-folder.ts";
import { median } from "../statistics.ts";
import { measureSync } from "../suite.ts";
import { FilledServer, type PeersPlaces, type Setting } from "./filled-server.ts";
import { peerOf, peers } from "./index.ts";
import { inLoadProcess, type Measured } from "./load-process.ts";
import type { PeersOptions } from "./options.ts";
import type { PeerId, WorkloadId } from "./peer.ts";
import { type PeersReport, rowOf } from "./report/peers-report.ts";
import { peerWorkloads } from "./workloads.ts";

/** What is read comes first: the log then is as it was filled. */
const ORDER: readonly WorkloadId[] = ["catch-up", "one", "many", "batches", "conditional"];

/** Installs all, then measures one peer after the other, each beside a Varve of its own. */
export async function runPeers(
  options: PeersOptions,
  places: PeersPlaces,
  say: (sentence: string) => void,
): Promise<PeersReport> {
  const versions = await install(options.peers, places, say);
  const cores = findCores();
  const sync = await measureSync(places, cores, options.seconds);
  const measured: Measured[] = [];
  for (const id of options.peers) {
    measured.push(...(await measurePeer(id, { options, places, cores, say })));
  }
  const others = measured.flatMap(({ othersBusy }) => othersBusy ?? []);
  const results = measured.flatMap(({ results }) => results);
  const facts = readFacts();
  return {
    ...facts,
    versions: { node: process.versions.node, varve: facts.versions.varve ?? "unknown" },
    command: commandOf(options),
    seconds: options.seconds,
    repeats: options.repeats,
    events: options.events,
    pinned: cores.problem === undefined,
    sync,
    ...(others.length > 0 && { othersBusy: median(others) }),
    notes: cores.problem === undefined ? [] : [cores.problem],
    peers: options.peers.map((id) => ({
      id,
      name: peerOf(id).name,
      versions: versions.get(id) ?? {},
    })),
    rows: inTableOrder(results).map(rowOf),
  };
}

async function install(
  ids: readonly PeerId[],
  { programs }: PeersPlaces,
  say: (sentence: string) => void,
): Promise<ReadonlyMap<PeerId, Readonly<Record<string, string>>>> {
  mkdirSync(programs, { recursive: true });
  const versions = new Map<PeerId, Readonly<Record<string, string>>>();
  for (const id of ids) versions.set(id, await peerOf(id).install({ folder: programs, say }));
  return versions;
}

async function measurePeer(id: PeerId, setting: Setting): Promise<readonly Measured[]> {
  const { options, places, cores, say } = setting;
  const { name } = peerOf(id);
  const folder = join(places.run, id);
  mkdirSync(folder);
  try {
    await using varve = await FilledServer.start("varve", folder, setting);
    await using peer = await FilledServer.start(id, folder, setting);
    const measured: Measured[] = [];
    for (const workload of ORDER) {
      say(`${name}: ${workload} …`);
      const { seconds, repeats } = options;
      const request = {
        varve: varve.access(workload),
        peer: { ...peer.access(workload), contestant: id },
        workload,
        seconds,
        repeats,
      };
      const { client } = cores;
      measured.push(await inLoadProcess(client, (load) => load.call("measure", request)));
    }
    return measured;
  } finally {
    removeFolder(folder);
  }
}

/** Peer by peer, and workload by workload as they are listed. */
function inTableOrder(results: readonly Result[]): readonly Result[] {
  const placeOf = (result: Result): number =>
    peerWorkloads.findIndex(({ title }) => result.case.startsWith(title));
  const ids = [...new Set(results.map(({ id }) => id))];
  return ids.flatMap((id) =>
    results.filter((result) => result.id === id).sort((a, b) => placeOf(a) - placeOf(b)),
  );
}

function commandOf({ peers: ids, seconds, repeats, events, folder }: PeersOptions): string {
  const args = [
    ...(ids.length < peers.length ? ids : []),
    ...(seconds === 1.5 ? [] : [`--seconds ${seconds}`]),
    ...(repeats === 5 ? [] : [`--repeats ${repeats}`]),
    ...(events === 100_000 ? [] : [`--events ${events}`]),
    ...(folder === undefined ? [] : [`--folder ${folder}`]),
  ];
  return ["npm run bench:peers", ...(args.length > 0 ? ["--", ...args] : [])].join(" ");
}
