/**
 * Breaks one place of a built package: in `file`, below `dist`, `from` stands exactly once
 * and becomes `to`. The package is the engine, if none is named.
 */
export function mutation(name, file, from, to, inPackage = "engine") {
  return { name, file, from, to, inPackage };
}
