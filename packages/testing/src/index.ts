/** An in-memory Varve for the tests of programs that use it. */
export { createTestStore, type TestStoreOptions } from "./test-store.js";
