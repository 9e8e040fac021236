/** Checks of everything that a data folder holds. Needs no server. */
export type { Finding } from "@varve/engine";
export { StartupError } from "../startup-error.js";
export type { FileFinding } from "./file-finding.js";
export {
  type FolderReport,
  NoDataError,
  type VerifyFolderOptions,
  verifyFolder,
} from "./verify-folder.js";
