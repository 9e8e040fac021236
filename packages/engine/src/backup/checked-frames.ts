import type { Block } from "../format/block.js";

/** What a backup is, before its first block. */
export interface BackupHead {
  readonly workspace: string;
  /** Exclusive: the blocks follow on this position. */
  readonly after: number;
  /** Chain value of the block that ends there. */
  readonly afterChain: Buffer;
  /** Last position of the last block. */
  readonly head: number;
  /** Chain value of that block. */
  readonly headChain: Buffer;
  /** When the backup began, in ms since 1970. */
  readonly timeMs: number;
}

/** The append ids of appends that were written together. */
export interface IdGroup {
  /** Last position that was written with them. */
  readonly lastPosition: number;
  /** When they were recorded, in ms since 1970. */
  readonly timeMs: number;
  readonly ids: readonly KeptId[];
}

/** An append id, and what a repeat of it is answered with. */
export interface KeptId {
  readonly id: Buffer;
  readonly contentHash: Buffer;
  /** Encoded `AppendResponse`. */
  readonly response: Buffer;
  /** Of the append. */
  readonly lastPosition: number;
}

/** A frame that has been checked, by itself and against those before it. */
export type CheckedFrame =
  | { readonly kind: "header"; readonly header: BackupHead }
  | { readonly kind: "blocks"; readonly blocks: readonly Block[] }
  | { readonly kind: "append-ids"; readonly groups: readonly IdGroup[] }
  | { readonly kind: "end" };

/** What a whole backup holds. */
export interface BackupSummary extends BackupHead {
  readonly blocks: number;
  readonly events: number;
  readonly appendIds: number;
}
