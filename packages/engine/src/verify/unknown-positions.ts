/** Positions whose blocks are damaged or missing: nobody knows what the index should say of them. */
export class UnknownPositions {
  readonly #ranges: { readonly first: number; last: number }[] = [];

  /** Both inclusive. REQUIRES: `last` ascends from call to call. */
  add(first: number, last: number): void {
    if (first > last) return;
    const latest = this.#ranges.at(-1);
    if (latest && latest.last >= first - 1) latest.last = last;
    else this.#ranges.push({ first, last });
  }

  has(position: number): boolean {
    let low = 0;
    let high = this.#ranges.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#ranges[middle] as { last: number }).last < position) low = middle + 1;
      else high = middle;
    }
    const range = this.#ranges[low];
    return range !== undefined && range.first <= position;
  }
}
