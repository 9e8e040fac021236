import { hash } from "node:crypto";

const minSlots = 1024;

/**
 * Counts how often each of many texts has come. Remembers 8 bytes of a hash of each, in
 * a table that is at most three quarters full: 11 to 22 bytes for each text, whatever its
 * length. That two texts share them is so improbable, and so harmless, that it is not
 * told apart.
 */
export class Occurrences {
  /** Two words for each slot; a slot of zeros is free. */
  #words = new Uint32Array(2 * minSlots);
  #used = 0;
  /** Those that came more than once. */
  readonly #repeated = new Map<string, number>();

  /** How often the text has come, this time included: 1, 2, 3 … */
  count(text: string): number {
    const digest = hash("sha256", text, "buffer");
    // Never zero, so that it marks the slot as taken.
    if (this.#add(digest.readUInt32LE(0) | 1, digest.readUInt32LE(4))) return 1;
    const count = (this.#repeated.get(text) ?? 1) + 1;
    this.#repeated.set(text, count);
    return count;
  }

  /** Whether it was not there. */
  #add(low: number, high: number): boolean {
    const slots = this.#words.length / 2;
    if (this.#used >= slots * 0.75) this.#grow();
    const slot = this.#slotOf(low >>> 0, high);
    if (this.#words[2 * slot] !== 0) return false;
    this.#words[2 * slot] = low;
    this.#words[2 * slot + 1] = high;
    this.#used += 1;
    return true;
  }

  /** Where it is, or where it would be. */
  #slotOf(low: number, high: number): number {
    const words = this.#words;
    const last = words.length / 2 - 1;
    for (let slot = high & last; ; slot = (slot + 1) & last) {
      if (words[2 * slot] === 0) return slot;
      if (words[2 * slot] === low && words[2 * slot + 1] === high) return slot;
    }
  }

  #grow(): void {
    const old = this.#words;
    this.#words = new Uint32Array(2 * old.length);
    for (let at = 0; at < old.length; at += 2) {
      const [low, high] = [old[at] as number, old[at + 1] as number];
      if (low === 0) continue;
      const slot = this.#slotOf(low, high);
      this.#words.set([low, high], 2 * slot);
    }
  }
}
