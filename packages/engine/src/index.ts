/**
 * The rules and the log of Varve, over any `abstract-level` database. The server
 * runs it on LevelDB, the in-memory fake on memory.
 */

export { BackupCheck } from "./backup/backup-check.js";
export { BackupError, type BackupFault } from "./backup/backup-error.js";
export { decodeBackup, encodeBackup } from "./backup/backup-file.js";
export type { BackupHead, BackupSummary, CheckedFrame } from "./backup/checked-frames.js";
export { EventRestore } from "./backup/event-restore.js";
export { LogRestore, type RestoredLog, type RestoreTarget } from "./backup/log-restore.js";
export { planSeries, type Span } from "./backup/series.js";
export {
  asStoreError,
  conditionFailed,
  isLackOfHandles,
  isLackOfSpace,
  malformedRequest,
  StoreError,
  workspaceMissing,
} from "./errors.js";
export { EventStore, type StoreVerifyOptions } from "./event-store.js";
export type { EventStoreOptions } from "./event-store-options.js";
export { DATABASE_FORMAT } from "./format/constants.js";
export { defaultLimits, type Limits, messageBytesMax } from "./limits.js";
export { type Database, databaseEncoding } from "./log/database.js";
export { checkFormat, NewerFormatError } from "./log/open.js";
export { FRAME_HEADROOM, hasHeadroom, lendFrame, returnFrame } from "./read/frame-buffers.js";
export { type FrameRoom, inRoom } from "./read/frame-room.js";
export type { SubscribeOptions } from "./read/subscribe.js";
export { DEFAULT_WORKSPACE, isWorkspaceName } from "./request/fields.js";
export type { Finding, FindingKind } from "./verify/finding.js";
export { Pace, type PaceOptions } from "./verify/pace.js";
export {
  type VerifyFinding,
  type VerifyOptions,
  type VerifyProgress,
  type VerifyReport,
  type VerifySummary,
  verifyDatabase,
} from "./verify/verify-database.js";
export { memoryStorage } from "./workspace/memory-storage.js";
export type { Storage } from "./workspace/workspaces.js";
export {
  type AppendStreamOptions,
  appendStream,
  type OutcomeRoom,
  type StartAppend,
  type StartedAppend,
} from "./write/append-stream.js";
export type { AppendCaller } from "./write/item.js";
