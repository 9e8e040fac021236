import { defineConfig, mergeConfig } from "vitest/config";
import base from "./vitest.config.ts";

/** Tests that build tools of others first: not a part of `npm test`. */
const config = mergeConfig(base, defineConfig({ test: { hookTimeout: 15 * 60_000 } }));
config.test.include = ["test/src/tools/**/*.tools.ts"];
export default config;
