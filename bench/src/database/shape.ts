/** What is in the databases that the workloads begin with. */

/** One event in ten belongs to a stream of exactly ten events. */
const TEN_EVENT_SHARE = 10;
export const EVENTS_OF_TEN = 10;

/** Category of the streams that have exactly ten events, spread over the log. */
export const TEN_CATEGORY = "parcel";

/** One event in a thousand, at random, carries it. */
export const RARE_TAG = "rare:yes";
export const RARE_SHARE = 1000;

/** How many streams have exactly ten events, in a database of so many. */
export function tenEventStreams(events: number): number {
  return Math.floor(events / TEN_EVENT_SHARE / EVENTS_OF_TEN);
}

/** Whether the event at this place, from 0, belongs to a stream of ten. */
export function isOfTen(ordinal: number): boolean {
  return ordinal % TEN_EVENT_SHARE === 0;
}
