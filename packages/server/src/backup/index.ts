/** Backups in files and folders, and the workspaces of data folders. Needs no server. */
export {
  BackupCheck,
  BackupError,
  type BackupFault,
  type BackupSummary,
  encodeBackup,
  isWorkspaceName,
  StoreError,
} from "@varve/engine";
export { makeFolder } from "../data-folder.js";
export { forgetWorkspace } from "../forget-workspace.js";
export { readSettings, SettingsError } from "../settings.js";
export { StartupError } from "../startup-error.js";
export {
  BackupFileError,
  type WriteBackupOptions,
  type WrittenBackup,
  writeBackupFile,
} from "./file.js";
export { backupName, newestBackup, partialName } from "./folder.js";
export { type RestoredWorkspace, type RestoreOptions, restoreBackups } from "./restore.js";
export {
  type EventToRestore,
  type RestoredEvents,
  type RestoreEventsOptions,
  restoreEvents,
} from "./restore-events.js";
export { type BackupSource, openBackupStream, openBackups } from "./sources.js";
