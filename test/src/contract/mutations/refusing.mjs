import { mutation } from "./mutation.mjs";

/** Which requests are refused. */
export const refusing = [
  mutation(
    "a limit of bytes is one too low",
    "request/fields.js",
    "bytes(field, actual, maximum) {\n        if (actual > maximum)",
    "bytes(field, actual, maximum) {\n        if (actual >= maximum)",
  ),
  mutation(
    "a limit of bytes is one too high",
    "request/fields.js",
    "bytes(field, actual, maximum) {\n        if (actual > maximum)",
    "bytes(field, actual, maximum) {\n        if (actual > maximum + 1)",
  ),
  mutation(
    "a limit of elements is one too low",
    "request/fields.js",
    "count(field, actual, maximum) {\n        if (actual > maximum)",
    "count(field, actual, maximum) {\n        if (actual >= maximum)",
  ),
  mutation(
    "a limit of elements is one too high",
    "request/fields.js",
    "count(field, actual, maximum) {\n        if (actual > maximum)",
    "count(field, actual, maximum) {\n        if (actual > maximum + 1)",
  ),
  mutation(
    "names are measured in characters",
    "request/fields.js",
    "bytes = Buffer.byteLength(value)",
    "bytes = value.length",
  ),
  mutation(
    "a limit of appends is one too low",
    "request/append.js",
    "if (actual <= maximum)",
    "if (actual < maximum)",
  ),
  mutation(
    "a limit of appends is one too high",
    "request/append.js",
    "if (actual <= maximum)",
    "if (actual <= maximum + 1)",
  ),
  mutation(
    "reserved names are taken",
    "request/fields.js",
    'if (value.startsWith("$"))',
    "if (false)",
  ),
  mutation(
    "control characters are taken",
    "request/fields.js",
    "if (CONTROL.test(value))",
    'if (value.includes("\\n"))',
  ),
  mutation(
    "only the first broken rule is told",
    "request/fields.js",
    "if (this.violations.length >= VIOLATIONS_MAX)",
    "if (this.violations.length >= 1)",
  ),
  mutation(
    "every broken rule is told, however many",
    "request/fields.js",
    "if (this.violations.length >= VIOLATIONS_MAX)",
    "if (false)",
  ),
  mutation(
    "a workspace that does not exist is refused",
    "workspace/workspaces.js",
    'if (ifAbsent === "refuse")',
    "if (true)",
  ),
  mutation(
    "the status tells another limit than the one that holds",
    "limits.js",
    "BigInt(limits.tagsMax)",
    "BigInt(limits.tagBytesMax)",
  ),
  mutation(
    "the status tells another bound of the transport than the one that holds",
    "limits.js",
    "BigInt(messageBytesMax(limits))",
    "BigInt(limits.appendBytesMax)",
  ),
];
