/**
 * Breaks one place of the built engine: in `file`, below `dist`, `from` stands
 * exactly once and becomes `to`.
 */
export function mutation(name, file, from, to) {
  return { name, file, from, to };
}
