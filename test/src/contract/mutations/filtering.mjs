import { mutation } from "./mutation.mjs";

/** What filters match, in memory and in the index. */
export const filtering = [
  mutation(
    "tags are ignored in memory",
    "request/filter.js",
    "if (!clause.tags.every((tag) => event.tags.includes(tag)))",
    "if (false)",
  ),
  mutation(
    "any tag is enough in memory",
    "request/filter.js",
    "if (!clause.tags.every((tag) => event.tags.includes(tag)))",
    "if (clause.tags.length > 0 && !clause.tags.some((tag) => event.tags.includes(tag)))",
  ),
  mutation(
    "tags beyond the first are ignored in the index",
    "index/plan.js",
    "clause.tags.map((tag)",
    "clause.tags.slice(0, 1).map((tag)",
  ),
  mutation(
    "a prefix of types is matched exactly",
    "request/filter.js",
    "event.type.startsWith(prefix)",
    "event.type === prefix",
  ),
  mutation(
    "a prefix of types is matched anywhere",
    "request/filter.js",
    "event.type.startsWith(prefix)",
    "event.type.includes(prefix)",
  ),
  mutation(
    "prefixes are ignored in the index",
    "index/plan.js",
    "for (const prefix of prefixes) {",
    "for (const prefix of prefixes.slice(1)) {",
  ),
  mutation(
    "a type matches whatever begins with it",
    "request/filter.js",
    "exact.includes(event.type)",
    "exact.some((type) => event.type.startsWith(type))",
  ),
  mutation(
    "an empty category is taken for none",
    "index/plan.js",
    "clause.category !== undefined",
    "clause.category",
  ),
  mutation(
    "a category goes up to the last hyphen",
    "names.js",
    'stream.indexOf("-")',
    'stream.lastIndexOf("-")',
  ),
  mutation(
    "a category is any beginning of a name",
    "request/filter.js",
    "clause.category !== categoryOf(event.stream)",
    "!event.stream.startsWith(clause.category)",
  ),
  mutation(
    "a stream together with types is ignored in the index",
    "index/plan.js",
    "if (clause.stream !== undefined) {",
    "if (clause.stream !== undefined && !clause.types) {",
  ),
  mutation(
    "clauses beyond the first are ignored",
    "request/filter.js",
    ".slice(0, FILTER_CLAUSES_MAX)",
    ".slice(0, 1)",
  ),
  mutation(
    "all clauses must match",
    "request/filter.js",
    "filter.some((clause) => matchesClause(clause, event))",
    "filter.every((clause) => matchesClause(clause, event))",
  ),
];
