import { build, type Metafile } from "esbuild";
import { describe, expect, inject, it } from "vitest";
import { statedSizes } from "./support/documents.ts";
import { Project } from "./support/project.ts";

const KB = 1000;
/** What is stated holds loosely: packages below change too. */
const TOLERANCE = 1.3;
const project = new Project(inject("projects").npm);

interface Bundle {
  readonly file: string;
  readonly bytes: number;
  /** Of what it is made. */
  readonly packages: ReadonlySet<string>;
}

async function bundle(name: string, program: string, format: "esm" | "cjs"): Promise<Bundle> {
  const entry = project.write(`${name}.ts`, program);
  const file = entry.replace(/ts$/, format === "esm" ? "bundled.mjs" : "bundled.cjs");
  const { metafile, warnings } = await build({
    entryPoints: [entry],
    outfile: file,
    bundle: true,
    minify: true,
    metafile: true,
    platform: "node",
    format,
    logLevel: "silent",
    absWorkingDir: project.folder,
  });
  expect(warnings).toEqual([]);
  const [output] = Object.values(metafile.outputs) as [Metafile["outputs"][string]];
  const used = Object.entries(output.inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
  const packages = used.map(([path]) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1]);
  return {
    file,
    bytes: output.bytes,
    packages: new Set(packages.filter((one) => one !== undefined)),
  };
}

describe("a bundle", () => {
  it("of the SDK has neither engine nor server, and runs", async () => {
    const program = `
      import { connect } from "@varve/client";
      const client = connect("127.0.0.1:1", { retry: { attempts: 1 } });
      client.status().catch((error) => console.log(error.reason)).finally(() => client.close());`;
    const { file, bytes, packages } = await bundle("client", program, "esm");
    expect([...packages].filter((name) => name.startsWith("@varve/")).sort()).toEqual([
      "@varve/client",
      "@varve/proto",
    ]);
    expect(bytes).toBeLessThan(300 * KB);
    expect((await project.run(process.execPath, [file])).stdout.trim()).toBe("UNREACHABLE");
  });

  // In CommonJS, because packages below the engine `require` what Node.js has built in.
  it("of the fake has no server and no network, and runs", async () => {
    const program = `
      import { createTestStore } from "@varve/testing";
      const store = createTestStore();
      store.append("order-1", { type: "order.Placed" })
        .then(({ lastPosition }) => console.log(lastPosition))
        .finally(() => store.close());`;
    const { file, bytes, packages } = await bundle("fake", program, "cjs");
    expect(packages).toContain("@varve/engine");
    const network = ["@varve/server", "@grpc/grpc-js", "classic-level", "@connectrpc/connect-node"];
    expect(network.filter((name) => packages.has(name))).toEqual([]);
    expect(bytes).toBeLessThan(statedSizes().bundledKb * KB * TOLERANCE);
    expect((await project.run(process.execPath, [file])).stdout.trim()).toBe("1n");
  });
});
