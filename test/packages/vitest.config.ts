import { fileURLToPath } from "node:url";
import { defineConfig, type ViteUserConfig } from "vitest/config";

const config: ViteUserConfig = defineConfig({
  test: {
    root: fileURLToPath(new URL(".", import.meta.url)),
    include: ["src/**/*.test.ts"],
    globalSetup: ["src/support/global-setup.ts"],
    // Package managers, compilers and small machines: a bound on a hang, not an expectation.
    testTimeout: 300_000,
    hookTimeout: 600_000,
  },
});

export default config;
