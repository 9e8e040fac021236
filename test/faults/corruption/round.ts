import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { checkAll } from "../checkers/index.ts";
import type { Random } from "../random.ts";
import type { Round, RoundReport, Violation } from "../scenario.ts";
import { FaultServer } from "../server.ts";
import { chooseDamage, type Damage } from "./damage.ts";
import { copyFolder } from "./files.ts";
import { isSilent, judge } from "./judge.ts";
import { type PreparedFolder, prepareFolder } from "./prepare.ts";
import { Prober } from "./prober.ts";
import { finalLogOf, readStored } from "./read-stored.ts";
import type { StoredData } from "./stored.ts";
import { Tally } from "./tally.ts";
import { verify } from "./verify.ts";

/** Damages of one prepared folder. */
const DAMAGES = 40;
/** Processes that use damaged folders at the same time. */
const PROBERS = 2;
/** How often everything stored is checked although nothing is missing. */
const VERIFY_CHANCE = 0.1;

/** One data folder, and many damages: each to a copy of its own. */
export async function runCorruptionRound(round: Round): Promise<RoundReport> {
  const { folder, random, signal } = round;
  const prepared = await prepareFolder(folder, random.fork());
  const stored = await learn(prepared, join(folder, "undamaged"), random.fork());
  const storedFile = join(folder, "stored.json");
  await writeFile(storedFile, JSON.stringify(stored));
  const tally = new Tally(stored, wrongBefore(prepared, stored));
  const trials = await chooseTrials(prepared, random);
  const work = async (): Promise<void> => {
    await using prober = new Prober(storedFile);
    for (let trial = trials.shift(); trial && !signal.aborted; trial = trials.shift()) {
      await attempt(prepared, prober, trial, tally);
    }
  };
  await Promise.all(Array.from({ length: PROBERS }, work));
  return tally.report();
}

/** One damage; none to see that all is as before without one. */
interface Trial {
  readonly folder: string;
  readonly damage: Damage | undefined;
  readonly isVerified: boolean;
}

async function chooseTrials(prepared: PreparedFolder, random: Random): Promise<Trial[]> {
  const { folder } = prepared;
  const trials: Trial[] = [{ folder: `${folder}-0`, damage: undefined, isVerified: true }];
  while (trials.length <= DAMAGES) {
    const damage = await chooseDamage(prepared, random);
    const isVerified = random.chance(VERIFY_CHANCE);
    trials.push({ folder: `${folder}-${trials.length}`, damage, isVerified });
  }
  return trials;
}

/** What servers serve of the folder before it is damaged. */
async function learn(
  { folder, loads }: PreparedFolder,
  copy: string,
  random: Random,
): Promise<StoredData> {
  await copyFolder(folder, copy);
  await using server = await FaultServer.start({ folder: copy });
  return await readStored(server.address, loads, random);
}

/** What does not hold before anything is damaged. */
function wrongBefore({ loads }: PreparedFolder, { workspaces }: StoredData): Violation[] {
  return workspaces.flatMap((stored, i) => {
    const history = { appends: loads[i]?.appends ?? [], reads: [], subscriptions: [] };
    return checkAll(history, finalLogOf(stored));
  });
}

async function attempt(
  { folder: from }: PreparedFolder,
  prober: Prober,
  { folder, damage, isVerified }: Trial,
  tally: Tally,
): Promise<void> {
  const damageAnew = async (): Promise<void> => {
    await copyFolder(from, folder);
    await damage?.apply(folder);
  };
  await damageAnew();
  const outcome = await prober.probe({ folder, touched: touchedBy(damage) });
  const isWanted = isVerified || outcome.case === "lost" || isSilent(outcome.observation.sessions);
  const verification = isWanted ? await verify(folder) : undefined;
  const seen = { folder, damage, outcome, verification };
  const verdict = judge(seen);
  tally.add(seen, verdict);
  await rm(folder, { recursive: true });
  // What the server was given, not what it left, tells what went wrong.
  if (verdict.violations.length > 0) await damageAnew();
}

/** Names of workspaces. Without damage all are looked at closely. */
function touchedBy(damage: Damage | undefined): string[] {
  return damage?.databases.map((database) => database.split("/").at(-1) as string) ?? ["default"];
}
