import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: [
      "proto/src/**/*.test.ts",
      "packages/*/src/**/*.test.ts",
      "bench/src/**/*.test.ts",
      "examples/*/src/**/*.test.ts",
      "test/src/**/*.test.ts",
      "test/faults/**/*.test.ts",
    ],
    // Tests wait for disks and servers more than they compute.
    maxWorkers: Math.max(2, availableParallelism()),
    // Servers, fsync and small machines: a bound on a hang, not an expectation.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
