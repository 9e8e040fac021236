import {
  createRegistry,
  type DescFile,
  type DescMessage,
  type Registry,
  toBinary,
} from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";

/** Files of protobuf, found by their name and by what they define. */
export class DescribedFiles {
  readonly #files = new Map<string, DescFile>();
  readonly #symbols = new Map<string, DescFile>();
  readonly #registry: Registry;

  /** These files, and all that they import. */
  constructor(files: readonly DescFile[]) {
    for (const file of files) for (const each of withImports(file)) this.#add(each);
    this.#registry = createRegistry(...this.#files.values());
  }

  /** For example `varve/v1/event.proto`. */
  named(name: string): DescFile | undefined {
    return this.#files.get(name);
  }

  /** What defines a service, method, message, field, oneof, enum, enum value or extension. */
  defining(symbol: string): DescFile | undefined {
    return this.#symbols.get(symbol);
  }

  /** What defines the extension of a message with this number. */
  extending(message: string, number: number): DescFile | undefined {
    const extendee = this.#registry.getMessage(message);
    return extendee && this.#registry.getExtensionFor(extendee, number)?.file;
  }

  /** Numbers of the extensions of a message; `undefined` if there is no such message. */
  extensionNumbers(message: string): readonly number[] | undefined {
    if (!this.#registry.getMessage(message)) return undefined;
    return [...this.#registry]
      .filter((type) => type.kind === "extension")
      .filter(({ extendee }) => extendee.typeName === message)
      .map(({ number }) => number);
  }

  #add(file: DescFile): void {
    // The name in the descriptor: that of `DescFile` has lost its ".proto".
    const { name } = file.proto;
    if (this.#files.has(name)) return;
    this.#files.set(name, file);
    for (const symbol of symbolsOf(file)) this.#symbols.set(symbol, file);
  }
}

/** The encoded `FileDescriptorProto` of a file and of all that it imports, itself first. */
export function encodeWithImports(file: DescFile): Uint8Array[] {
  return [...withImports(file)].map(({ proto }) => toBinary(FileDescriptorProtoSchema, proto));
}

function withImports(file: DescFile, found: Set<DescFile> = new Set()): Set<DescFile> {
  if (found.has(file)) return found;
  found.add(file);
  for (const imported of file.dependencies) withImports(imported, found);
  return found;
}

function* symbolsOf(file: DescFile): Generator<string> {
  for (const type of nestedTypes(file)) {
    yield type.typeName;
    if (type.kind === "message") yield* membersOf(type);
    else if (type.kind === "service") {
      for (const { name } of type.methods) yield `${type.typeName}.${name}`;
    } else if (type.kind === "enum") {
      // The values of an enum are beside it, not in it.
      const scope = type.typeName.slice(0, type.typeName.lastIndexOf(".") + 1);
      for (const { name } of type.values) yield scope + name;
    }
  }
}

function* membersOf(message: DescMessage): Generator<string> {
  for (const { name } of [...message.fields, ...message.oneofs]) {
    yield `${message.typeName}.${name}`;
  }
}
