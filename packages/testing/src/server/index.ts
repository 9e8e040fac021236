/** A real Varve server for tests, in a process of its own. */
export { startTestServer, type TestServer, type TestServerOptions } from "./test-server.js";
