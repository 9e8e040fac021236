#!/usr/bin/env node
import { main } from "../dist/server/main.js";

main(process.argv.slice(2)).catch((error) => {
  console.error(`varve-test-server: ${error.message}`);
  process.exitCode =
    error.name === "SettingsError" || error.code?.startsWith("ERR_PARSE_ARGS") ? 2 : 1;
});
