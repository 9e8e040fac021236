import { expect, it } from "vitest";
import { missingPackages } from "./debian.ts";

it("finds what would be installed in what apt-get says it would do", () => {
  const plan = [
    "The following NEW packages will be installed:",
    "  liblzf1 redis-tools",
    "Inst liblzf1 (3.6-3 Debian:12.15/oldstable [amd64])",
    "Inst redis-tools [5:7.0.1-1] (5:7.0.15-1~deb12u10 Debian-Security:12/oldstable [amd64])",
    "Conf liblzf1 (3.6-3 Debian:12.15/oldstable [amd64])",
  ].join("\n");
  expect(missingPackages(plan)).toEqual(["liblzf1=3.6-3", "redis-tools=5:7.0.15-1~deb12u10"]);
});

it("finds nothing if all is there", () => {
  expect(missingPackages("0 upgraded, 0 newly installed, 0 to remove")).toEqual([]);
});
