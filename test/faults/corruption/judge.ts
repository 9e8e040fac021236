import type { Damage } from "./damage.ts";
import type { SessionObservation, WorkspaceObservation } from "./observation.ts";
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

/**
 * Who said first that something is damaged. "LevelDB" has ended the process: it takes for
 * granted what it reads from tables, and checks by assertions.
 */
export type Reporter = "start" | "status" | "read" | "append" | "verify" | "LevelDB" | "nobody";

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
  if (it.outcome.case === "lost") return judgeLost(it.outcome.how, it.verification);
  const { sessions } = it.outcome.observation;
  const reporter = reporterOf(sessions, it.verification);
  const isEndLost = reporter === "nobody" && isSilent(sessions) && cutsLog(it.damage);
  const violations = [
    ...sessions.flatMap((session) => sessionViolations(session, it)),
    ...(isEndLost ? [] : silence(sessions, it.verification)),
    ...healing(sessions, it.verification),
    ...(it.damage ? [] : falseAlarms(reporter, it.verification)),
  ];
  return { reporter, isEndLost, violations };
}

/** An assertion of LevelDB may end the process, if verify then names the damage. */
function judgeLost(how: string, verification: Verification | undefined): Verdict {
  const isAssertion = /leveldb.*Assertion/.test(how);
  if (isAssertion && verification?.damaged) {
    return { reporter: "LevelDB", isEndLost: false, violations: [] };
  }
  const violations = [`the server does not survive: ${how}`];
  return { reporter: "nobody", isEndLost: false, violations };
}

function cutsLog(damage: Damage | undefined): boolean {
  return damage?.file.type === ".log" && damage.endsEarly;
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
  const isKnown = reporterOf(sessions.slice(-1), undefined) !== "nobody";
  return isKnown ? ["verify finds nothing, though a call tells of damage"] : [];
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

/**
 * A database that could not be opened stays so. What a call has told of may be gone when
 * LevelDB has merged tables, but only if nothing is missing then: see `silence`.
 */
function healing(
  [first, second]: readonly SessionObservation[],
  verification: Verification | undefined,
): string[] {
  if (!first || second?.case !== "started" || verification?.damaged) return [];
  if (first.case === "refused") {
    return [`a second start works after the first said: ${first.message}`];
  }
  const isOpen = new Set(
    second.workspaces.filter(({ status }) => status.case === "answered").map((w) => w.workspace),
  );
  return first.workspaces
    .filter(({ workspace, status }) => status.case === "failed" && isOpen.has(workspace))
    .map(({ workspace }) => `workspace ${workspace} could not be opened before the restart only`);
}

function falseAlarms(reporter: Reporter, verification: Verification | undefined): string[] {
  if (reporter === "nobody") return [];
  return [`the ${reporter} tells of damage where there is none: ${verification?.said ?? ""}`];
}
