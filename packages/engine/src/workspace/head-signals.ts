import type { StoreError } from "../errors.js";
import { HeadSignal } from "../log/head-signal.js";

/** The signal of a workspace, kept until it is disposed of. */
export interface HeldSignal extends Disposable {
  readonly signal: HeadSignal;
}

interface Held {
  readonly signal: HeadSignal;
  holders: number;
}

/**
 * What those who wait for workspaces hold on to instead of open databases: a signal for
 * each name, shared by all who wait for it, and gone with the last of them.
 */
export class HeadSignals {
  readonly #held = new Map<string, Held>();

  hold(name: string): HeldSignal {
    const held = this.#held.get(name) ?? { signal: new HeadSignal(), holders: 0 };
    this.#held.set(name, held);
    held.holders++;
    const dispose = (): void => {
      held.holders--;
      if (held.holders === 0 && this.#held.get(name) === held) this.#held.delete(name);
    };
    return { signal: held.signal, [Symbol.dispose]: dispose };
  }

  /** Told by the writer, for every group of appends. */
  moved(name: string, head: number): void {
    this.#held.get(name)?.signal.moved(head);
  }

  /** After a failed write only the database knows what it holds. */
  unknown(name: string): void {
    this.#held.get(name)?.signal.unknown();
  }

  /** Ends the waiting for a workspace; who waits for it later begins anew. */
  close(name: string, because: StoreError): void {
    this.#held.get(name)?.signal.close(because);
    this.#held.delete(name);
  }

  closeAll(because: StoreError): void {
    for (const name of [...this.#held.keys()]) this.close(name, because);
  }
}
