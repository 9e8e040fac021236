/**
 * Where something stands in what a caller gave, for errors: a path, or for an event its
 * place among those of the append. Text is made of it only when there is something to say.
 */
export type Place = string | number;

/** The path in words: `events[3].data`. */
export function pathTo(place: Place, member: string = ""): string {
  return `${typeof place === "number" ? `events[${place}]` : place}${member}`;
}
