/**
 * For those who bring a Connect transport of their own, such as one that leads to a
 * fake in the same process. An entry of its own, because the types of Connect need
 * those of the DOM, and its code needs no network: `@varve/client` gives and takes
 * neither.
 */

export { createClient, type TransportClientOptions } from "./client.js";
export { createMaintenanceClient, type MaintenanceClientOptions } from "./maintenance/client.js";
