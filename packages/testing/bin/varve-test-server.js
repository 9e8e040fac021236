#!/usr/bin/env node
const SERVER = "@varve/server";

import("../dist/server/main.js")
  .then(({ main }) => main(process.argv.slice(2)))
  .catch((error) => {
    console.error(`varve-test-server: ${isServerMissing(error) ? howToInstall() : error.message}`);
    process.exitCode = isWrongUse(error) ? 2 : 1;
  });

function isWrongUse({ name, code }) {
  return name === "SettingsError" || code?.startsWith("ERR_PARSE_ARGS");
}

/** The server is no dependency: who only wants the fake does without it. */
function isServerMissing({ code, message }) {
  return code === "ERR_MODULE_NOT_FOUND" && message.includes(`'${SERVER}'`);
}

function howToInstall() {
  return `needs the package ${SERVER}; install it with: npm install --save-dev ${SERVER}`;
}
