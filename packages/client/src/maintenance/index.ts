/**
 * For those who run a store: which workspaces it has, and backups of them. Errors
 * are those of `@varve/client`.
 */

export { type ConnectMaintenanceOptions, connectMaintenance } from "./connect.js";
export type { Backup, BackupHeader, BackupOptions, MaintenanceClient } from "./types.js";
