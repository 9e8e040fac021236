import { expect, it } from "vitest";
import { anyReport } from "./report-fixture.ts";
import { peersTableOf } from "./table.ts";

it("shows each peer with its versions and its rows", () => {
  const text = peersTableOf(anyReport);
  expect(text).toContain("UmaDB (umadb 0.7.8)");
  expect(text).toMatch(/64 writers .* 20,000 events\/s .* 2 \(1\.8–2\.2\) .* ≥ 1 met .* Varve/);
  expect(text).toMatch(/1 writer .* ≥ 1 NOT MET .* UmaDB/);
});
