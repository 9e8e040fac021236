import { strictEqual } from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { all, rejects } from "./check.js";
import type { Contract } from "./contract.js";
import { newEvents } from "./events.js";

/** Ends a store. To be described last: there is no other hook that every runner has. */
export function describeClosing({ describe, it, close }: Contract): void {
  describe("closing the client", () => {
    it("ends its subscriptions, and calls after it are refused", async (t) => {
      const { client } = t;
      await client.append("a", newEvents(2));
      const subscription = client.subscribe();
      const following = all(subscription);
      while (subscription.position !== 2n) await delay(1);
      await close();
      strictEqual((await following).length, 2);
      await rejects(client.append("a", newEvents(1)), "CANCELLED");
      await rejects(client.status(), "CANCELLED");
      await rejects(client.read("a"), "CANCELLED");
    });
  });
}
