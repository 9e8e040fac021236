import {
  create,
  type DescMessage,
  type DescMethod,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import type { Transport } from "@connectrpc/connect";
import type { EventStoreService } from "@varve/proto";
import { LocalCall } from "./local-call.js";

type Methods = (typeof EventStoreService)["method"];

type Unary<I extends DescMessage, O extends DescMessage> = (
  request: MessageShape<I>,
  signal: AbortSignal,
) => Promise<MessageShape<O>>;
type ServerStreaming<I extends DescMessage, O extends DescMessage> = (
  request: MessageShape<I>,
  signal: AbortSignal,
) => AsyncIterable<MessageShape<O>>;
type BidiStreaming<I extends DescMessage, O extends DescMessage> = (
  requests: AsyncIterable<MessageInitShape<I>>,
  signal: AbortSignal,
) => AsyncIterable<MessageShape<O>>;

type Answer<Method> = Method extends {
  readonly methodKind: infer Kind;
  readonly input: infer I extends DescMessage;
  readonly output: infer O extends DescMessage;
}
  ? Kind extends "unary"
    ? Unary<I, O>
    : Kind extends "server_streaming"
      ? ServerStreaming<I, O>
      : BidiStreaming<I, O>
  : never;

/**
 * What answers the methods of the contract. The signal aborts when the call is
 * over. What is streamed is not copied on its way: it must belong to nobody else.
 */
export type LocalService = { readonly [Name in keyof Methods]: Answer<Methods[Name]> };

/**
 * Leads to a service in this process. Every answer comes in a later turn of the
 * event loop than its call, as it would from a server, so that timers fire also
 * while a program does nothing but wait for answers.
 */
export function localTransport(service: LocalService): Transport {
  return {
    async unary(method, signal, timeoutMs, _header, input) {
      const call = new LocalCall(signal, timeoutMs);
      try {
        const answer = answerTo<Unary<typeof method.input, typeof method.output>>(service, method);
        const request = copy(method.input, create(method.input, input));
        const message = await call.answered(answer(request, call.signal));
        return { ...response(method), stream: false, message: copy(method.output, message) };
      } finally {
        call.end();
      }
    },
    async stream(method, signal, timeoutMs, _header, input) {
      const call = new LocalCall(signal, timeoutMs);
      const requests = input[Symbol.asyncIterator]();
      call.signal.addEventListener("abort", () => void requests.return?.());
      const answers = answersOf(service, method, requests, call.signal);
      return { ...response(method), stream: true, message: delivered(call, answers) };
    },
  };
}

/** A method that is called is one of the contract's, so the service has an answer that fits. */
function answerTo<A>(service: LocalService, { localName }: DescMethod): A {
  const answers: Readonly<Record<string, unknown>> = service;
  return answers[localName] as A;
}

async function* answersOf<I extends DescMessage, O extends DescMessage>(
  service: LocalService,
  method: DescMethod & { readonly input: I; readonly output: O },
  requests: AsyncIterator<MessageInitShape<I>>,
  signal: AbortSignal,
): AsyncGenerator<MessageShape<O>> {
  if (method.methodKind === "bidi_streaming") {
    const all = { [Symbol.asyncIterator]: () => requests };
    yield* answerTo<BidiStreaming<I, O>>(service, method)(all, signal);
    return;
  }
  const { value } = await requests.next();
  const request = copy(method.input, create(method.input, value));
  yield* answerTo<ServerStreaming<I, O>>(service, method)(request, signal);
}

/** Leaving the loop ends the call, as do its end and its signal, also while nobody asks for more. */
function delivered<T>(call: LocalCall, answers: AsyncGenerator<T>): AsyncIterable<T> {
  // Not awaited: the service may be waiting for something that never comes.
  const leave = (): void => void answers.return(undefined).catch(() => {});
  if (call.signal.aborted) leave();
  else call.signal.addEventListener("abort", leave, { once: true });
  const end = (): void => call.end();
  return {
    [Symbol.asyncIterator]: () => ({
      async next() {
        try {
          const answer = await call.answered(answers.next());
          if (answer.done) end();
          return answer;
        } catch (error) {
          end();
          throw error;
        }
      },
      async return() {
        end();
        return { done: true, value: undefined };
      },
    }),
  };
}

function response<M extends DescMethod>(method: M) {
  return { service: method.parent, method, header: new Headers(), trailer: new Headers() };
}

/** As over a network, caller and service share no bytes. */
function copy<T extends DescMessage>(schema: T, message: MessageShape<T>): MessageShape<T> {
  return fromBinary(schema, toBinary(schema, message));
}
