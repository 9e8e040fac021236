import { describe, expect, it } from "vitest";
import type { Damage } from "./damage.ts";
import { type Case, judge } from "./judge.ts";
import type { CallObservation, SessionObservation, StatusObservation } from "./observation.ts";

const damage: Damage = {
  kind: "one flipped bit",
  file: { path: "workspaces/blue/000005.ldb", type: ".ldb", database: "workspaces/blue" },
  databases: ["workspaces/blue"],
  endsEarly: false,
  description: "",
  apply: async () => {},
};
const cutLog: Damage = {
  ...damage,
  kind: "cut off",
  endsEarly: true,
  file: { path: "workspaces/blue/000006.log", type: ".log", database: "workspaces/blue" },
};

const whole: StatusObservation = { case: "answered", head: 9, refusal: undefined };
const readOnly: StatusObservation = { ...whole, refusal: "DATA_CORRUPT" };
const corrupt = { reason: "DATA_CORRUPT", message: "it is damaged" };
const unopened: StatusObservation = { case: "failed", ...corrupt };

function call(fields: Partial<CallObservation> = {}): CallObservation {
  return {
    call: "replay all",
    failure: undefined,
    missing: 0,
    hasGap: false,
    wrong: [],
    ...fields,
  };
}

function session(
  status: StatusObservation,
  calls: readonly CallObservation[] = [],
  workspace = "blue",
): SessionObservation {
  return { case: "started", workspaces: [{ workspace, status, calls }] };
}

function refused(message: string): SessionObservation {
  return { case: "refused", message };
}

interface Seen extends Partial<Omit<Case, "outcome">> {
  readonly sessions: readonly SessionObservation[];
}

const found = { status: 1, damaged: true, said: "" };
const nothing = { status: 0, damaged: false, said: "" };

function verdictOn({ sessions, ...rest }: Seen): ReturnType<typeof judge> {
  const outcome = { case: "observed", observation: { sessions, eventsServed: 0 } } as const;
  return judge({ damage, folder: "/data", verification: undefined, ...rest, outcome });
}

describe("damage is reported", () => {
  it.each<[string, Seen]>([
    ["start", { sessions: [refused("cannot open /data: bad"), refused("cannot open /data: bad")] }],
    ["status", { sessions: [session(readOnly), session(readOnly)] }],
    ["status", { sessions: [session(unopened), session(unopened)] }],
    ["read", { sessions: [session(whole, [call({ failure: corrupt, missing: 2 })])] }],
    ["append", { sessions: [session(whole, [call({ call: "append to s", failure: corrupt })])] }],
    ["verify", { sessions: [session(whole, [call({ missing: 2 })])], verification: found }],
    ["nobody", { sessions: [session(whole), session(whole)], verification: nothing }],
  ])("by %s", (reporter, seen) => {
    expect(verdictOn(seen)).toEqual({ reporter, isEndLost: false, violations: [] });
  });

  it("by LevelDB if it ends the process, and verify names it afterwards", () => {
    const how = "ended by SIGABRT: leveldb-1.20/db/dbformat.h:99: Assertion `size >= 8' failed";
    const lost = { damage, folder: "/data", outcome: { case: "lost", how } } as const;
    expect(judge({ ...lost, verification: found }).violations).toEqual([]);
    expect(judge({ ...lost, verification: nothing }).violations).toHaveLength(1);
    const hangs = { case: "lost", how: "no answer" } as const;
    expect(judge({ ...lost, outcome: hangs, verification: found }).violations).toHaveLength(1);
  });
});

describe("it is a violation", () => {
  it.each<[string, RegExp, Seen]>([
    [
      "that something wrong is served",
      /at 7/,
      { sessions: [session(whole, [call({ wrong: ["at 7"] })])] },
    ],
    [
      "that events are left out",
      /left out/,
      { sessions: [session(readOnly, [call({ hasGap: true })])] },
    ],
    [
      "that a call fails for another reason",
      /INTERNAL/,
      { sessions: [session(whole, [call({ failure: { reason: "INTERNAL", message: "" } })])] },
    ],
    [
      "that nobody tells what is missing",
      /nothing tells that events are missing: 2 in replay all/,
      { sessions: [session(whole, [call({ missing: 2 })])], verification: nothing },
    ],
    [
      "that verify misses what a read has told",
      /verify finds nothing/,
      { sessions: [session(whole, [call({ failure: corrupt })])], verification: nothing },
    ],
    [
      "that verify does not end well",
      /status 134/,
      { sessions: [session(whole)], verification: { ...nothing, status: 134 } },
    ],
    ["that the start names no place", /without naming/, { sessions: [refused("bad")] }],
    [
      "that a refused start works the next time",
      /second start works/,
      { sessions: [refused("cannot open /data: bad"), session(whole)] },
    ],
    [
      "that a workspace is opened the next time",
      /before the restart only/,
      { sessions: [session(unopened), session(whole)] },
    ],
    [
      "that another workspace is harmed",
      /is not as before/,
      { sessions: [session(whole, [call({ missing: 1 })], "green")] },
    ],
    [
      "that what is whole is called damaged",
      /where there is none/,
      { damage: undefined, sessions: [refused("cannot open /data: bad")] },
    ],
  ])("%s", (_, message, seen) => {
    expect(verdictOn(seen).violations[0]).toMatch(message);
  });
});

describe("the end of a log that is cut off", () => {
  const lost = [session(whole, [call({ missing: 2 })])];

  it("takes the newest events with it, which nobody can notice", () => {
    const verdict = verdictOn({ damage: cutLog, sessions: lost, verification: nothing });
    expect(verdict).toEqual({ reporter: "nobody", isEndLost: true, violations: [] });
  });

  it("takes no other events with it", () => {
    const sessions = [session(whole, [call({ missing: 2, hasGap: true })])];
    const { violations } = verdictOn({ damage: cutLog, sessions, verification: nothing });
    expect(violations).toHaveLength(1);
  });
});
