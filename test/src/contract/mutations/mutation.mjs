/**
 * Breaks one place of a built package, the engine if none is named: in `file`, below
 * `dist`, `from` stands exactly once and becomes `to`.
 */
export function mutation(name, file, from, to, ofPackage = "engine") {
  return { name, file, from, to, ofPackage };
}
