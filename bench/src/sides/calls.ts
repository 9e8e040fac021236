import type { Side } from "../comparison/side.ts";
import { callOnce, pathOf } from "../http2/call-once.ts";
import type { Lab } from "../lab.ts";
import { AppendRequests, type AppendRequestsOptions } from "../load/append-requests.ts";
import { timeCalls } from "../load/loops.ts";
import { type Call, runCalls } from "../load/unary-load.ts";
import { metered, type Work } from "../machine/meter.ts";
import { percentile } from "../statistics.ts";
import type { Target } from "./target.ts";

export const APPEND: string = pathOf("Append");

/** Does something for about so many seconds. */
export type Run = (seconds: number) => Promise<Work>;

interface CallLoad {
  readonly inFlight: number;
  /** What one call counts for. Default: 1. */
  readonly eventsPerCall?: number;
  next(): Call;
}

/** Raw calls, so many at a time; its value is events per second. */
export async function calls(
  lab: Lab,
  target: Target,
  load: CallLoad & { readonly name: string },
): Promise<Side> {
  const run = await callLoad(lab, target, load);
  return { name: load.name, measure: (seconds) => metered(target.pid, () => run(seconds)) };
}

async function callLoad(lab: Lab, target: Target, load: CallLoad): Promise<Run> {
  const connection = await lab.connect(target.address);
  return async (seconds) => {
    const count = await runCalls(connection, load.inFlight, seconds, () => load.next());
    return { events: count.calls * (load.eventsPerCall ?? 1), seconds: count.seconds };
  };
}

export type AppendsOptions = AppendRequestsOptions & { readonly inFlight: number };

/** Raw unary appends, of Varve or of a bare server that echoes. */
export async function appends(
  lab: Lab,
  target: Target,
  options: AppendsOptions & { readonly name: string },
): Promise<Side> {
  const run = await appendLoad(lab, target, options);
  return { name: options.name, measure: (seconds) => metered(target.pid, () => run(seconds)) };
}

/** The same, to be measured by the caller. */
export function appendLoad(lab: Lab, target: Target, options: AppendsOptions): Promise<Run> {
  const requests = new AppendRequests(lab.options.seed, options);
  return callLoad(lab, target, {
    inFlight: options.inFlight,
    eventsPerCall: options.eventsPerAppend ?? 1,
    next: () => ({ path: APPEND, message: requests.next() }),
  });
}

/** One caller that waits for each call; its value is the median time, ms. */
export function oneCaller(name: string, target: Target, call: () => Promise<unknown>): Side {
  const run = async (seconds: number): Promise<Work> => {
    const timesMs = await timeCalls(seconds, call);
    const totalMs = timesMs.reduce((sum, timeMs) => sum + timeMs, 0);
    return {
      events: timesMs.length,
      seconds: totalMs / 1000,
      value: percentile(timesMs, 50),
      details: { p99Ms: percentile(timesMs, 99), perSecond: (timesMs.length / totalMs) * 1000 },
    };
  };
  return { name, measure: (seconds) => metered(target.pid, () => run(seconds)) };
}

/** One raw caller of unary `Append`, or of its echo. */
export async function oneAppender(lab: Lab, target: Target, name: string): Promise<Side> {
  const connection = await lab.connect(target.address);
  const requests = new AppendRequests(lab.options.seed, { withAppendIds: true });
  return oneCaller(name, target, () => callOnce(connection, APPEND, requests.next()));
}

/** What Varve answers an append with: what an echo has to be as long as. */
export async function exampleAnswer(
  lab: Lab,
  target: Target,
  options: AppendRequestsOptions = {},
): Promise<Buffer> {
  const connection = await lab.connect(target.address);
  const request = new AppendRequests(lab.options.seed, options).next();
  const [answer] = await callOnce(connection, APPEND, request);
  return answer as Buffer;
}
