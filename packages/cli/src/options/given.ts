/** The members that are defined, for callees that tell "absent" from "undefined". */
export function given<T extends object>(members: T): Given<T> {
  return Object.fromEntries(
    Object.entries(members).filter(([, value]) => value !== undefined),
  ) as Given<T>;
}

export type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };
