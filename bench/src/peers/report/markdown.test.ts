import { expect, it } from "vitest";
import { markdownOf } from "./markdown.ts";
import { anyReport } from "./report-fixture.ts";

const lines = markdownOf(anyReport).split("\n");

it("says what was measured where, and how to do it again", () => {
  expect(lines[0]).toBe(
    "a machine, linux; 2030-01-02; Node 24.0.0, Varve 0.1.0; `npm run bench:peers`. " +
      "A sync of 527 bytes takes 200 µs on this disk.",
  );
});

it("has a section for each peer, and a line for each workload", () => {
  expect(lines).toContain("### UmaDB");
  expect(lines).toContain(
    "| 64 writers | 20,000 events/s | 10,000 events/s | 2 (1.8–2.2) | ≥ 1 met | Varve | " +
      "Varve: server; UmaDB: client (!) |",
  );
});

it("makes plain where the peer is ahead", () => {
  expect(lines.find((line) => line.startsWith("| 1 writer"))).toContain("NOT MET | **UmaDB** |");
});

it("says when others disturbed, and when a sync is none", () => {
  const text = markdownOf({
    ...anyReport,
    othersBusy: 0.5,
    sync: { ...anyReport.sync, p50Us: 3, durable: false },
  });
  expect(text).toContain("Other programs used 50 % of a core: measure again.");
  expect(text).toContain("NOT DURABLE");
});
