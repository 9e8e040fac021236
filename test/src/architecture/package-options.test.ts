import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { DescFile } from "@bufbuild/protobuf";
import { EventStoreService, MaintenanceService } from "@varve/proto";
import { describe, expect, it } from "vitest";

const folder = fileURLToPath(new URL("../../../proto/varve/v1", import.meta.url));
const sources = readdirSync(folder).map((name) => `varve/v1/${name}`);
const files = contractFiles([EventStoreService.file, MaintenanceService.file]);

/** Those of the contract's own package, imports included. */
function contractFiles(roots: readonly DescFile[]): DescFile[] {
  const found = new Set(roots);
  // What is added while a set is iterated is visited as well.
  for (const file of found) for (const imported of file.dependencies) found.add(imported);
  return [...found].filter(({ proto }) => proto.package === "varve.v1");
}

// Its story: code generated for Java put all of `error.proto` into a class named
// `Error`, which then hid `java.lang.Error` from everyone who imported the package.
describe("what other languages generate of the contract", () => {
  it("is the same package in every file", () => {
    expect(files.map(({ proto }) => proto.name).sort()).toEqual(sources.sort());
    for (const { proto } of files) {
      expect(proto.options, proto.name).toMatchObject({
        csharpNamespace: "Varve.V1",
        goPackage: "varve.dev/proto/varve/v1;varvev1",
        javaMultipleFiles: true,
        javaPackage: "dev.varve.v1",
        phpNamespace: "Varve\\V1",
        rubyPackage: "Varve::V1",
      });
    }
  });

  it("has a class for each file in Java, which hides nothing", () => {
    const classes = files.map(({ proto }) => proto.options?.javaOuterClassname);
    expect(new Set(classes).size).toBe(files.length);
    for (const name of classes) expect(name).toMatch(/^[A-Z][A-Za-z]+Proto$/);
  });
});
