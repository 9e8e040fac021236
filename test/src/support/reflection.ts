import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type FileDescriptorProto, FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { Client, type ClientDuplexStream, credentials } from "@grpc/grpc-js";
import {
  type ServerReflectionRequest,
  ServerReflectionRequestSchema,
  type ServerReflectionResponse,
  ServerReflectionResponseSchema,
} from "@varve/proto/grpc";
import { onTestFinished } from "vitest";

export type Question = ServerReflectionRequest["messageRequest"];
export type Answer = ServerReflectionResponse["messageResponse"];

/** A call of a reflection service, of either version, by bytes. */
export class ReflectionCall {
  readonly #call: ClientDuplexStream<Buffer, Buffer>;
  readonly #answers: AsyncIterator<Buffer>;

  constructor(address: string, version: string) {
    const client = new Client(address, credentials.createInsecure());
    const path = `/${version}.ServerReflection/ServerReflectionInfo`;
    this.#call = client.makeBidiStreamRequest(path, identity, identity);
    this.#answers = this.#call[Symbol.asyncIterator]();
    onTestFinished(() => {
      this.#call.end();
      client.close();
    });
  }

  /** Asks, and waits for the answer. */
  async ask(messageRequest: Question): Promise<Answer> {
    const request = create(ServerReflectionRequestSchema, { host: "here", messageRequest });
    this.#call.write(Buffer.from(toBinary(ServerReflectionRequestSchema, request)));
    const { done, value } = await this.#answers.next();
    if (done) throw new Error("the call has ended without an answer");
    const response = fromBinary(ServerReflectionResponseSchema, value);
    if (response.validHost !== "here") throw new Error("the answer is for another host");
    return response.messageResponse;
  }

  /** The names of the services. */
  async services(): Promise<string[]> {
    const { case: kind, value } = await this.ask({ case: "listServices", value: "*" });
    if (kind !== "listServicesResponse") throw new Error(`the answer is ${kind}`);
    return value.service.map(({ name }) => name);
  }

  /** The files that an answer holds. */
  async files(question: Question): Promise<FileDescriptorProto[]> {
    const { case: kind, value } = await this.ask(question);
    if (kind !== "fileDescriptorResponse") throw new Error(`the answer is ${kind}`);
    return value.fileDescriptorProto.map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes));
  }
}

function identity(bytes: Buffer): Buffer {
  return bytes;
}
