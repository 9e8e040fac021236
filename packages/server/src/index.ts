/** The Varve server: the engine on LevelDB, served over gRPC. */

export { type RunningServer, startServer, version } from "./server.js";
export {
  type LogLevel,
  readSettings,
  type SettingDefinition,
  type Settings,
  SettingsError,
  settingDefinitions,
} from "./settings.js";
export { StartupError } from "./startup-error.js";
