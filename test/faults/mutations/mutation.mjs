/**
 * Breaks a server so that a guarantee does not hold, which a scenario must notice.
 *
 * - `name`: what is broken, as a sentence without a full stop.
 * - `guarantee`: of the violations that must be found, one must be of this one.
 * - `scenario`: which must find it, within `rounds` rounds.
 * - `changes`: `[file, from, to]` each; in `file`, below the root of the repository, as it
 *   is built, `from` stands exactly once and becomes `to`.
 */
export function mutation({ name, guarantee, scenario, rounds = 10, changes }) {
  return { name, guarantee, scenario, rounds, changes };
}

/** For short: a file of the engine as it is built. */
export function engine(path) {
  return `packages/engine/dist/${path}`;
}
