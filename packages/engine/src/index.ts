/**
 * The rules and the log of Varve, over any `abstract-level` database. The server
 * runs it on LevelDB, the in-memory fake on memory.
 */

// For a fake that lets calls fail on purpose
export {
  asStoreError,
  conditionFailed,
  ERROR_DOMAIN,
  malformedRequest,
  StoreError,
  serverStopping,
  storageFull,
} from "./errors.js";
// For servers and fakes
export { EventStore, type EventStoreOptions } from "./event-store.js";
// What a request may hold, and how calls fail
export { defaultLimits, type Limits } from "./limits.js";
export { type Database, databaseEncoding } from "./log/database.js";
export { checkFormat, NewerFormatError } from "./log/open.js";
export { categoryOf } from "./names.js";
// Words
export { DEFAULT_WORKSPACE } from "./request/fields.js";
export { memoryStorage } from "./workspace/memory-storage.js";
export type { Storage } from "./workspace/workspaces.js";
export { appendStream, type StartAppend, type StartedAppend } from "./write/append-stream.js";
