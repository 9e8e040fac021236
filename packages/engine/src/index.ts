/**
 * The rules and the log of Varve, over any `abstract-level` database. The server
 * runs it on LevelDB, the in-memory fake on memory.
 */

export {
  asStoreError,
  conditionFailed,
  malformedRequest,
  StoreError,
  storageFull,
} from "./errors.js";
export { EventStore, type EventStoreOptions } from "./event-store.js";
export { defaultLimits, type Limits } from "./limits.js";
export { type Database, databaseEncoding } from "./log/database.js";
export { checkFormat, NewerFormatError } from "./log/open.js";
export { DEFAULT_WORKSPACE } from "./request/fields.js";
export { memoryStorage } from "./workspace/memory-storage.js";
export type { Storage } from "./workspace/workspaces.js";
export { appendStream, type StartAppend, type StartedAppend } from "./write/append-stream.js";
