import { describe, expect, it } from "vitest";
import { aggregateScenario } from "./aggregate.js";

type Moved = { readonly type: "account.Moved"; readonly data: { readonly eur: number } };

class OverdrawnError extends Error {}

/** Keeps its new events until they are appended. */
class KeepingAccount {
  balance = 0;
  readonly newEvents: Moved[] = [];

  move(eur: number): void {
    if (this.balance + eur < 0) throw new OverdrawnError("there is not that much");
    const event: Moved = { type: "account.Moved", data: { eur } };
    this.apply(event);
    this.newEvents.push(event);
  }

  async moveLater(eur: number): Promise<void> {
    this.move(eur);
  }

  apply(event: Moved): void {
    this.balance += event.data.eur;
  }
}

/** Gives its new events back. */
class ReturningAccount {
  balance = 0;

  move(eur: number): Moved | undefined {
    return eur === 0 ? undefined : { type: "account.Moved", data: { eur } };
  }

  apply(event: Moved): void {
    this.balance += event.data.eur;
  }
}

const moved = (eur: number): Moved => ({ type: "account.Moved", data: { eur } });

describe("the scenario of an aggregate that keeps its events", () => {
  const account = aggregateScenario({
    create: () => new KeepingAccount(),
    apply: (account, event: Moved) => account.apply(event),
    newEvents: (account) => account.newEvents,
  });

  it("expects the new events, without those that were given", () => {
    account
      .given(moved(5))
      .when((a) => a.move(-3))
      .then(moved(-3));
    account
      .given(moved(5))
      .when((a) => a.balance)
      .thenNothing();
  });

  it("expects an error", () => {
    account
      .given(moved(5))
      .when((a) => a.move(-7))
      .then(OverdrawnError);
  });

  it("expects the aggregate afterwards, each event applied once", () => {
    account.when((a) => a.move(5)).thenState((a) => a.balance === 5);
    account.given(moved(5), moved(2)).thenState((a) => expect(a.balance).toBe(7));
  });

  it("awaits a method that is async", async () => {
    await account
      .given(moved(5))
      .when((a) => a.moveLater(2))
      .then(moved(2));
    await account.when((a) => a.moveLater(-1)).thenError(OverdrawnError, /not that much/);
  });
});

describe("the scenario of an aggregate that returns its events", () => {
  const account = aggregateScenario({
    create: () => new ReturningAccount(),
    apply: (account, event: Moved) => account.apply(event),
  });

  it("expects what was returned", () => {
    account
      .given(moved(5))
      .when((a) => a.move(-3))
      .then(moved(-3));
    account
      .given(moved(5))
      .when((a) => a.move(0))
      .thenNothing();
  });

  it("applies what was returned, once", () => {
    const move = account.given(moved(5)).when((a) => a.move(2));
    move.thenState((a) => a.balance === 7);
    move.thenState((a) => a.balance === 7);
  });

  it("refuses a function that returns something else", () => {
    expect(() => account.when((a) => a.balance).thenNothing()).toThrow(TypeError);
  });
});
