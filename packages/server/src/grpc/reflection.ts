import {
  create,
  type DescFile,
  type DescService,
  fromBinary,
  type MessageInitShape,
  toBinary,
} from "@bufbuild/protobuf";
import { type Server, status } from "@grpc/grpc-js";
import { type FrameRoom, malformedRequest } from "@varve/engine";
import { ErrorInfoSchema, StatusSchema } from "@varve/proto/google/rpc";
import {
  ServerReflection,
  type ServerReflectionRequest,
  ServerReflectionRequestSchema,
  type ServerReflectionResponse,
  ServerReflectionResponseSchema,
  ServerReflectionV1Alpha,
} from "@varve/proto/grpc";
import type { Calls } from "./calls.js";
import { rawServiceDefinition } from "./definition.js";
import { DescribedFiles, encodeWithImports } from "./described-files.js";

/** Both versions have the same messages. */
const versions = [ServerReflection, ServerReflectionV1Alpha];

/** What errors carry in their details. */
const detailFiles = [ErrorInfoSchema.file, StatusSchema.file];

/** Lets tools such as grpcurl ask the server for the contract: for these services, and itself. */
export function addReflection(server: Server, calls: Calls, others: readonly DescService[]): void {
  const reflection = new Reflection([...others, ...versions]);
  for (const version of versions) {
    server.addService(rawServiceDefinition(version), {
      ServerReflectionInfo: calls.conversation((requests, room) =>
        reflection.answers(requests, room),
      ),
    });
  }
}

type Answer = NonNullable<
  MessageInitShape<typeof ServerReflectionResponseSchema>["messageResponse"]
>;

class Reflection {
  readonly #services: readonly string[];
  readonly #files: DescribedFiles;

  constructor(services: readonly DescService[]) {
    this.#services = services.map(({ typeName }) => typeName);
    this.#files = new DescribedFiles([...services.map(({ file }) => file), ...detailFiles]);
  }

  /** Encoded `ServerReflectionRequest` messages in, encoded answers out, one for each. */
  async *answers(requests: AsyncIterable<Buffer>, room: FrameRoom): AsyncGenerator<Buffer> {
    for await (const bytes of requests) {
      const response = this.#answer(decode(bytes));
      if (!(await room.take())) return;
      yield Buffer.from(toBinary(ServerReflectionResponseSchema, response));
    }
  }

  #answer(request: ServerReflectionRequest): ServerReflectionResponse {
    return create(ServerReflectionResponseSchema, {
      validHost: request.host,
      originalRequest: request,
      messageResponse: this.#find(request.messageRequest),
    });
  }

  #find({ case: question, value }: ServerReflectionRequest["messageRequest"]): Answer {
    switch (question) {
      case "listServices": {
        const service = this.#services.map((name) => ({ name }));
        return { case: "listServicesResponse", value: { service } };
      }
      case "fileByFilename":
        return fileAnswer(this.#files.named(value), `file ${value}`);
      case "fileContainingSymbol":
        return fileAnswer(this.#files.defining(value), `symbol ${value}`);
      case "fileContainingExtension": {
        const { containingType, extensionNumber } = value;
        const file = this.#files.extending(containingType, extensionNumber);
        return fileAnswer(file, `extension ${extensionNumber} of ${containingType}`);
      }
      case "allExtensionNumbersOfType": {
        const extensionNumber = this.#files.extensionNumbers(value);
        if (!extensionNumber) return notFound(`message ${value}`);
        const found = { baseTypeName: value, extensionNumber: [...extensionNumber] };
        return { case: "allExtensionNumbersResponse", value: found };
      }
      default:
        return failure(status.INVALID_ARGUMENT, "the request asks for nothing that is known");
    }
  }
}

function fileAnswer(file: DescFile | undefined, what: string): Answer {
  if (!file) return notFound(what);
  const fileDescriptorProto = encodeWithImports(file);
  return { case: "fileDescriptorResponse", value: { fileDescriptorProto } };
}

function notFound(what: string): Answer {
  return failure(status.NOT_FOUND, `there is no ${what}`);
}

function failure(errorCode: number, errorMessage: string): Answer {
  return { case: "errorResponse", value: { errorCode, errorMessage } };
}

function decode(bytes: Buffer): ServerReflectionRequest {
  try {
    return fromBinary(ServerReflectionRequestSchema, bytes);
  } catch (cause) {
    throw malformedRequest(cause);
  }
}
