/**
 * Breaks off what a call waits for. Unlike a race against a promise, it keeps
 * nothing of what has been waited for before: calls may be long.
 */
export class Interruption {
  #broken: { readonly reason: unknown } | undefined;
  #reject: ((reason: unknown) => void) | undefined;

  /** Settles as the promise does, or rejects when it is broken off. One at a time. */
  during<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      promise.then(resolve, reject);
      this.#reject = reject;
      if (this.#broken) reject(this.#broken.reason);
    });
  }

  /** Rejects what is waited for now, and whatever will be, with the first reason given. */
  interrupt(reason: unknown): void {
    this.#broken ??= { reason };
    this.#reject?.(this.#broken.reason);
  }
}
