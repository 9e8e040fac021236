import { AssertionError } from "node:assert";
import { describe, expect, it } from "vitest";
import { scenario } from "./decider.js";

type LampEvent =
  | { readonly type: "lamp.Lit"; readonly data: { readonly by: string; readonly note?: string } }
  | { readonly type: "lamp.Broke"; readonly data: object; readonly tags?: readonly string[] };
type LampCommand =
  | { readonly type: "Light"; readonly by: string }
  | { readonly type: "Break" }
  | { readonly type: "Flicker" };
type LampState = { readonly lit: number; readonly broken: boolean };

class BrokenError extends Error {
  constructor(readonly lit: number) {
    super(`the lamp broke after it was lit ${lit} times`);
  }
}

function decide(command: LampCommand, state: LampState): LampEvent | LampEvent[] | undefined {
  if (state.broken) throw new BrokenError(state.lit);
  if (command.type === "Light") return { type: "lamp.Lit", data: { by: command.by } };
  if (command.type === "Break") return { type: "lamp.Broke", data: {}, tags: ["repair"] };
  return undefined;
}

function evolve(state: LampState, event: LampEvent): LampState {
  return event.type === "lamp.Lit" ? { ...state, lit: state.lit + 1 } : { ...state, broken: true };
}

const initialState: LampState = { lit: 0, broken: false };
const lamp = scenario({ initialState, decide, evolve });
const slowLamp = scenario({
  initialState,
  decide: async (command: LampCommand, state: LampState) => decide(command, state),
  evolve,
});

const lit: LampEvent = { type: "lamp.Lit", data: { by: "Ada" } };
const broke: LampEvent = { type: "lamp.Broke", data: {} };

function failureOf(check: () => unknown): AssertionError {
  try {
    check();
  } catch (error) {
    if (error instanceof AssertionError) return error;
    throw error;
  }
  throw new Error("the check passed");
}

describe("the scenario of a decider", () => {
  it("passes where the events are the expected ones", () => {
    lamp
      .given(lit)
      .when({ type: "Light", by: "Bo" })
      .then({ type: "lamp.Lit", data: { by: "Bo" } });
  });

  it("begins without events if none are given", () => {
    lamp.when({ type: "Break" }).then({ type: "lamp.Broke" });
    lamp.given().when({ type: "Break" }).then({ type: "lamp.Broke" });
  });

  it("takes several events, one by one or as a list", () => {
    const twice = (): LampEvent[] => [lit, broke];
    lamp.given().when(twice).then(lit, broke);
    lamp.given().when(twice).then([lit, broke]);
    lamp
      .given()
      .when(twice)
      .then({ events: [lit, broke] });
  });

  it("compares of an event only what is given, but that deeply", () => {
    const broken = lamp.given().when({ type: "Break" });
    broken.then({ type: "lamp.Broke" });
    broken.then({ type: "lamp.Broke", tags: ["repair"] });
    failureOf(() => broken.then({ type: "lamp.Broke", tags: [] }));
    failureOf(() => broken.then({ type: "lamp.Broke", data: { by: "Bo" } }));
  });

  it("takes an undefined field for an absent one", () => {
    const light = (): LampEvent =>
      ({ type: "lamp.Lit", data: { by: "Ada", note: undefined } }) as unknown as LampEvent;
    lamp
      .given()
      .when(light)
      .then({ type: "lamp.Lit", data: { by: "Ada" } });
    const data = { by: "Ada", note: undefined } as never;
    lamp.when({ type: "Light", by: "Ada" }).then({ type: "lamp.Lit", data });
  });

  it("lets the matchers of a test runner stand for values", () => {
    const light = lamp.given().when({ type: "Light", by: "Ada" });
    light.then({ type: "lamp.Lit", data: { by: expect.any(String) } });
    light.then({ type: "lamp.Lit", data: expect.objectContaining({ by: "Ada" }) });
    failureOf(() => light.then({ type: "lamp.Lit", data: { by: expect.any(Number) } }));
  });

  it("gives a function the state, and takes its events", () => {
    lamp
      .given(lit, lit)
      .when((state) => ({ type: "lamp.Lit", data: { by: `${state.lit}` } }) as const)
      .then({ type: "lamp.Lit", data: { by: "2" } });
  });

  it("expects that nothing happens", () => {
    lamp.given(lit).when({ type: "Flicker" }).thenNothing();
    lamp.given(lit).when({ type: "Flicker" }).then();
    lamp.given(lit).when({ type: "Flicker" }).then([]);
    failureOf(() => lamp.given().when({ type: "Break" }).thenNothing());
  });

  it("expects an error by class, message, function or any of these together", () => {
    const light = lamp.given(lit, broke).when({ type: "Light", by: "Ada" });
    light.then(BrokenError);
    light.then(/lit 1 times/);
    light.then({ error: BrokenError });
    light.thenError();
    light.thenError(BrokenError);
    light.thenError(/lit 1 times/);
    light.thenError((error) => error instanceof BrokenError);
    light.thenError(BrokenError, /lit 1 times/);
    light.thenError(BrokenError, (error) => error.lit === 1);
    light.thenError(BrokenError, (error) => expect(error.lit).toBe(1));
  });

  it("fails where the error is another one", () => {
    const light = lamp.given(broke).when({ type: "Light", by: "Ada" });
    expect(failureOf(() => light.then(TypeError)).message).toBe(
      "Expected a TypeError, but it failed with BrokenError: the lamp broke after it was lit 0 times",
    );
    expect(failureOf(() => light.thenError(BrokenError, /twice/)).message).toContain(
      "Expected a BrokenError that matches /twice/",
    );
    failureOf(() => light.thenError((error) => !(error instanceof BrokenError)));
    expect(() => light.thenError(BrokenError, (error) => expect(error.lit).toBe(1))).toThrow();
  });

  it("fails where an error was expected and there are events", () => {
    const { message } = failureOf(() => lamp.when({ type: "Break" }).then(BrokenError));
    expect(message).toContain("Expected a BrokenError, but there came [ { type: 'lamp.Broke'");
    const nothing = failureOf(() => lamp.when({ type: "Flicker" }).thenError());
    expect(nothing.message).toBe("Expected an error, but it did nothing");
  });

  it("fails where events were expected and there is an error, which it keeps as the cause", () => {
    const failure = failureOf(() => lamp.given(broke).when({ type: "Break" }).then(broke));
    expect(failure.message).toContain("Expected 1 event, but it failed: BrokenError: the lamp");
    expect(failure.cause).toBeInstanceOf(BrokenError);
  });

  it("expects the state afterwards, compared deeply or looked at by a function", () => {
    const light = lamp.given(lit).when({ type: "Light", by: "Ada" });
    light.thenState({ lit: 2, broken: false });
    light.thenState((state) => state.lit === 2);
    light.thenState((state) => expect(state.lit).toBe(2));
    light.then({ state: { lit: 2, broken: false }, events: [{ type: "lamp.Lit" }] });
    failureOf(() => light.thenState({ lit: 1, broken: false }));
    failureOf(() => light.thenState((state) => state.lit === 1));
    failureOf(() => light.then({ state: { lit: 2, broken: false }, events: [] }));
  });

  it("has the state of before after an error", () => {
    const light = lamp.given(lit, broke).when({ type: "Light", by: "Ada" });
    light.then({ error: BrokenError, state: { lit: 1, broken: true } });
    expect(failureOf(() => light.thenState({ lit: 1, broken: true })).message).toContain(
      "Expected a state, but it failed",
    );
  });

  it("looks at the state of what is given alone", () => {
    lamp.thenState(initialState);
    lamp.given(lit, lit, broke).thenState({ lit: 2, broken: true });
    failureOf(() => lamp.given(lit).thenState(initialState));
  });

  it("begins every scenario anew if the state is made by a function", () => {
    const counter = scenario({
      initialState: () => ({ count: 0 }),
      decide: (_: string) => undefined,
      evolve: (state, _event: LampEvent) => {
        state.count += 1;
        return state;
      },
    });
    counter.given(lit).thenState({ count: 1 });
    counter.given(lit).thenState({ count: 1 });
    const lighting = counter.given(lit).when(() => lit);
    lighting.thenState({ count: 2 });
    lighting.thenState({ count: 2 });
  });

  it("runs a command once, however often its outcome is looked at", () => {
    let runs = 0;
    const flicker = lamp.given().when(() => {
      runs += 1;
      return undefined;
    });
    flicker.thenNothing();
    flicker.thenState(initialState);
    expect(runs).toBe(1);
  });

  it("does not take an error of evolve for an outcome", () => {
    const faulty = scenario({
      initialState,
      decide,
      evolve: (): LampState => {
        throw new RangeError("evolve is at fault");
      },
    });
    expect(() => faulty.given(lit).when({ type: "Break" }).thenError()).toThrow(RangeError);
    expect(() => faulty.given().when({ type: "Break" }).then(broke)).toThrow(RangeError);
  });

  it("refuses what is no event, and what says nothing", () => {
    const when = lamp.given().when((() => "lamp.Lit") as never);
    expect(() => when.thenNothing()).toThrow("What a command returns must be an event");
    const light = lamp.given().when({ type: "Break" });
    expect(() => light.then({ data: {} } as never)).toThrow("What then() expects must be an event");
    expect(() => light.then((() => true) as never)).toThrow("A function alone");
    const classes = [RangeError, BrokenError] as unknown as [never, never];
    expect(() => light.then(...classes)).toThrow("What then() expects must be an event");
    expect(() => light.then({ errors: RangeError } as never)).toThrow("must be an event");
  });
});

describe("an async decider", () => {
  it("is awaited", async () => {
    await slowLamp.given(lit).when({ type: "Break" }).then({ type: "lamp.Broke" });
    await slowLamp.given(broke).when({ type: "Break" }).thenError(BrokenError);
    await slowLamp.given(lit).when({ type: "Flicker" }).thenNothing();
  });

  it("rejects where the events are others", async () => {
    const check = slowLamp.given(lit).when({ type: "Break" }).thenNothing();
    await expect(check).rejects.toThrow("Expected no event, there came 1 event");
  });

  it("may be a function of a decider that is not", async () => {
    await lamp
      .given(lit)
      .when(async () => broke)
      .then({ type: "lamp.Broke" });
  });
});

describe("a scenario without an expectation", () => {
  const unfinished =
    "Write .then(…), .thenNothing(), .thenError(…) or .thenState(…) after .when(…)";

  it("fails if it is awaited", async () => {
    const awaited = (async () => {
      // @ts-expect-error the compiler says so, too
      await lamp.given(lit).when({ type: "Break" });
    })();
    await expect(awaited).rejects.toThrow(unfinished);
  });

  it("fails if an async function returns it, or a promise is made of it", async () => {
    const scene: unknown = slowLamp.given(lit).when({ type: "Break" });
    await expect((async () => scene)()).rejects.toThrow(AssertionError);
    await expect(Promise.resolve(scene)).rejects.toThrow(unfinished);
    await expect(Promise.all([scene])).rejects.toThrow(unfinished);
  });

  it("points at the place where it stands", async () => {
    const scene: unknown = lamp.given(lit).when({ type: "Break" });
    const failure = (await Promise.resolve(scene).catch((error: unknown) => error)) as Error;
    expect(failure.stack?.split("\n").find((line) => line.includes(" at "))).toContain(
      "decider.test.ts",
    );
  });
});

describe("a failure", () => {
  it("carries what test runners show, and points at the test", () => {
    const failure = failureOf(() => lamp.when({ type: "Light", by: "Bo" }).then(lit));
    expect(failure.operator).toBe("deepStrictEqual");
    expect(failure.actual).toEqual([{ type: "lamp.Lit", data: { by: "Bo" } }]);
    expect(failure.expected).toEqual([{ type: "lamp.Lit", data: { by: "Ada" } }]);
    expect(failure.message).toContain("The events are not those that were expected");
    expect(failure.message).toContain("+       by: 'Bo'");
    expect(failure.message).toContain("-       by: 'Ada'");
    expect(failure.message.match(/by: 'Bo'/g)).toHaveLength(1);
    expect(failure).not.toHaveProperty("diff");
    const frames = failure.stack?.split("\n").filter((line) => line.startsWith("    at "));
    expect(frames?.[0]).toContain("decider.test.ts");
  });

  it("points at the test also if the decision came later", async () => {
    const check = slowLamp.when({ type: "Break" }).thenNothing();
    const failure = (await check.catch((error: unknown) => error)) as Error;
    const frames = failure.stack?.split("\n").filter((line) => line.startsWith("    at "));
    expect(frames?.[0]).toContain("decider.test.ts");
  });

  it("shows a matcher that matched as what it matched", () => {
    const check = (): unknown =>
      lamp
        .when({ type: "Light", by: "Bo" })
        .then({ type: "lamp.Lit", data: expect.anything() }, lit);
    expect(failureOf(check).expected).toEqual([
      { type: "lamp.Lit", data: { by: "Bo" } },
      { type: "lamp.Lit", data: { by: "Ada" } },
    ]);
  });
});
