#!/usr/bin/env node
// Committed as JavaScript, so that it can be linked before the first build and
// can still speak under a Node.js that would not understand the rest.
const [major, minor] = process.versions.node.split(".").map(Number);

if (major < 22 || (major === 22 && minor < 12)) {
  console.error(`varve: needs Node.js 22.12 or newer; this is ${process.versions.node}.`);
  process.exitCode = 2;
} else {
  // The server says in a sentence of its own why it does not start.
  process.env.GRPC_VERBOSITY ??= "NONE";
  import("../dist/main.js").then(({ main }) => main());
}
