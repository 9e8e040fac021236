import type { Damage } from "./damage.ts";
import type { CallObservation, SessionObservation, WorkspaceObservation } from "./observation.ts";
import type { Outcome } from "./prober.ts";
import type { Verification } from "./verify.ts";

/** What is known of one damaged data folder in the end. */
export interface Case {
  /** `undefined`: the folder was not damaged, and all has to be as before. */
  readonly damage: Damage | undefined;
  readonly folder: string;
  readonly outcome: Outcome;
  /** What `varve verify` said after the folder was used; `undefined` if it was not asked. */
  readonly verification: Verification | undefined;
}

/** Who said first that something is damaged. */
export type Reporter = "start" | "status" | "read" | "append" | "verify" | "nobody";

export interface Verdict {
  readonly reporter: Reporter;
  /**
   * The newest events went with the end of a log, as in a crash while they were written:
   * nothing can tell the one from the other, and it is not promised.
   */
  readonly isEndLost: boolean;
  /** Sentences; empty if what must hold does. */
  readonly violations: readonly string[];
}

/** Reasons by which a call may tell of damage. */
const damageReasons: ReadonlySet<string> = new Set(["DATA_CORRUPT", "STORAGE_UNAVAILABLE"]);

/** Judges what was seen of a damaged folder. */
export function judge(it: Case): Verdict {
  if (it.outcome.case === "lost") {
    const violations = [`the server does not survive: ${it.outcome.how}`];
    return { reporter: "nobody", isEndLost: false, violations };
  }
  const { sessions } = it.outcome.observation;
  const reporter = reporterOf(sessions, it.verification);
  const isEndLost = reporter === "nobody" && isSilent(sessions) && cutsLog(it.damage);
  const violations = [
    ...sessions.flatMap((session) => sessionViolations(session, it)),
    ...(isEndLost ? [] : silence(sessions, it.verification)),
    ...healing(sessions, it.verification),
    ...(it.damage ? [] : falseAlarms(reporter)),
  ];
  return { reporter, isEndLost, violations };
}

/** What is left of the log is what there was at some time before. */
function cutsLog(damage: Damage | undefined): boolean {
  return damage?.file.type === ".log" && ["cut off", "an older copy"].includes(damage.kind);
}

/** Whether something that was acknowledged is missing and no call, and no start, has said so. */
export function isSilent(sessions: readonly SessionObservation[]): boolean {
  return sessions.flatMap(silentLosses).length > 0;
}

function reporterOf(
  sessions: readonly SessionObservation[],
  verification: Verification | undefined,
): Reporter {
  const [session] = sessions;
  if (session?.case === "refused") return "start";
  const workspaces = session?.workspaces ?? [];
  if (workspaces.some(isRefusing)) return "status";
  const failed = workspaces.flatMap(({ calls }) => calls).filter(({ failure }) => failure);
  if (failed.some(({ call }) => !isAppend(call))) return "read";
  if (failed.length > 0) return "append";
  return verification?.damaged ? "verify" : "nobody";
}

function isRefusing({ status }: WorkspaceObservation): boolean {
  return status.case === "failed" || status.refusal !== undefined;
}

function isAppend(call: string): boolean {
  return call.startsWith("append") || call.startsWith("repeat");
}

function sessionViolations(session: SessionObservation, { damage, folder }: Case): string[] {
  if (session.case === "refused") {
    const isSentence = session.message.includes(folder) && /^\S.* .*\S$/.test(session.message);
    return isSentence ? [] : [`the start is refused without naming the place: ${session.message}`];
  }
  return session.workspaces.flatMap((workspace) => {
    const isTouched = damage?.databases.includes(`workspaces/${workspace.workspace}`);
    const sentences = isTouched ? touched(workspace) : untouched(workspace);
    return sentences.map((sentence) => `in workspace ${workspace.workspace} ${sentence}`);
  });
}

/** Damage may be told of, but nothing wrong is served, and no call fails for another reason. */
function touched({ status, calls }: WorkspaceObservation): string[] {
  const statusReason = status.case === "failed" ? status.reason : status.refusal;
  return [
    ...(statusReason === undefined || damageReasons.has(statusReason)
      ? []
      : [`the status is ${statusReason}`]),
    ...calls.flatMap(({ call, wrong, hasGap, failure }) => [
      ...wrong.map((sentence) => `${call}: ${sentence}`),
      ...(hasGap ? [`${call}: events are left out between others`] : []),
      ...(failure === undefined || isDamageReason(call, failure.reason)
        ? []
        : [`${call}: fails with ${failure.reason}, ${failure.message}`]),
    ]),
  ];
}

function isDamageReason(call: string, reason: string): boolean {
  return damageReasons.has(reason) || (isAppend(call) && reason === "APPEND_OUTCOME_UNKNOWN");
}

/** Damage of another database does not concern it. */
function untouched(workspace: WorkspaceObservation): string[] {
  const refusing = isRefusing(workspace) ? ["the status tells of damage elsewhere"] : [];
  return [...refusing, ...workspace.calls.map(({ call }) => `${call} is not as before`)];
}

/** What is missing without a word has to be found by the check of everything stored. */
function silence(
  sessions: readonly SessionObservation[],
  verification: Verification | undefined,
): string[] {
  if (!verification) return [];
  if (verification.status > 1) return [`verify fails with status ${verification.status}`];
  if (verification.damaged) return [];
  const losses = sessions.flatMap(silentLosses);
  if (losses.length > 0) return [`nothing tells that events are missing: ${losses[0]}`];
  const isKnown = reporterOf(sessions, undefined) !== "nobody";
  return isKnown ? ["verify finds nothing, though damage was told of before"] : [];
}

function silentLosses(session: SessionObservation): string[] {
  if (session.case === "refused") return [];
  return session.workspaces
    .filter((workspace) => !isRefusing(workspace))
    .flatMap(({ workspace, calls }) =>
      calls
        .filter(({ failure, missing }) => failure === undefined && missing > 0)
        .map(({ call, missing }) => `${missing} in ${call} of workspace ${workspace}`),
    );
}

/** What was told of stays so after a restart, or is found by the check of everything stored. */
function healing(
  [first, second]: readonly SessionObservation[],
  verification: Verification | undefined,
): string[] {
  if (!first || second?.case !== "started" || verification?.damaged) return [];
  if (first.case === "refused")
    return [`a second start works after the first said: ${first.message}`];
  return first.workspaces.flatMap((before) => {
    const after = second.workspaces.find(({ workspace }) => workspace === before.workspace);
    if (!after || isRefusing(after)) return [];
    const sentences = isRefusing(before) ? ["the status"] : [];
    const failing = new Set(after.calls.filter(isDamaged).map(({ call }) => call));
    const healed = before.calls.filter(
      (call) => isDamaged(call) && !isAppend(call.call) && !failing.has(call.call),
    );
    return [...sentences, ...healed.map(({ call }) => call)].map(
      (what) => `${what} of workspace ${before.workspace} told of damage before the restart only`,
    );
  });
}

function isDamaged({ failure }: CallObservation): boolean {
  return failure?.reason === "DATA_CORRUPT";
}

function falseAlarms(reporter: Reporter): string[] {
  return reporter === "nobody" ? [] : [`the ${reporter} tells of damage where there is none`];
}
