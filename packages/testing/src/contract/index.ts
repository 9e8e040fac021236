/**
 * The contract of an event store, as tests: whatever stands behind an
 * `EventStoreClient` can be held to it, with any runner that has `describe` and
 * `it`.
 *
 *     import { createTestStore } from "@varve/testing";
 *     import { describe, it } from "vitest";
 *
 *     describeEventStoreContract(
 *       async ({ limits }) => {
 *         const client = createTestStore({ limits });
 *         return { client, limits, close: () => client.close() };
 *       },
 *       { describe, it },
 *     );
 */

import type { Limits } from "@varve/engine";
import { describeAppend } from "./append.js";
import { describeAppendIds } from "./append-ids.js";
import { describeAppendLimits } from "./append-limits.js";
import { describeAppendMany } from "./append-many.js";
import { describeClosing } from "./closing.js";
import { describeConcurrency } from "./concurrency.js";
import { createContract } from "./contract.js";
import { describeFilters } from "./filters.js";
import { describeLeaving } from "./leaving.js";
import { describeNames } from "./names.js";
import { describeOtherLimits } from "./other-limits.js";
import { describeOversize } from "./oversize.js";
import { describeQueryConditions } from "./query-conditions.js";
import { describeRead } from "./read.js";
import { describeReplay } from "./replay.js";
import { describeSnapshots } from "./snapshots.js";
import type { ContractRunner, ContractStoreFactory } from "./store.js";
import { describeStreamConditions } from "./stream-conditions.js";
import { describeStreams } from "./streams.js";
import { describeSubscribe } from "./subscribe.js";
import { describeLiveSubscriptions } from "./subscribe-live.js";
import { describeTimeTravel } from "./time-travel.js";
import { describeWorkspaces } from "./workspaces.js";

export type {
  ContractRunner,
  ContractStore,
  ContractStoreFactory,
  ContractStoreOptions,
} from "./store.js";

/** Far below the defaults, and far enough apart that each is reached before the others. */
const LOW_LIMITS: Limits = {
  eventDataBytesMax: 1_000,
  appendBytesMax: 5_000,
  appendEventsMax: 20,
  streamNameBytesMax: 60,
  typeBytesMax: 40,
  metadataBytesMax: 200,
  tagsMax: 5,
  tagBytesMax: 30,
  snapshotBytesMax: 500,
  conditionLookUpsMax: 2_000,
};

/**
 * Defines the tests of the contract. Two stores are started, one of them with
 * lower limits, each when its first test runs; its last test ends it, so run them
 * all. Every test has a workspace of its own, so that a store may hold other data.
 * The tests must run one after the other; allow each of them 10 s.
 */
export function describeEventStoreContract(
  factory: ContractStoreFactory,
  runner: ContractRunner,
): void {
  const contract = createContract(factory, {}, runner);
  describeAppend(contract);
  describeAppendMany(contract);
  describeAppendIds(contract);
  describeStreamConditions(contract);
  describeQueryConditions(contract);
  describeConcurrency(contract);
  describeNames(contract);
  describeRead(contract);
  describeTimeTravel(contract);
  describeReplay(contract);
  describeFilters(contract);
  describeSubscribe(contract);
  describeLiveSubscriptions(contract);
  describeLeaving(contract);
  describeStreams(contract);
  describeSnapshots(contract);
  describeWorkspaces(contract);
  describeOversize(contract);
  describeClosing(contract);

  const limited = createContract(factory, LOW_LIMITS, runner);
  describeAppendLimits(limited);
  describeOtherLimits(limited);
  describeClosing(limited);
}
