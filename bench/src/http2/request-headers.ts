/**
 * The header block of a gRPC request in HPACK (RFC 7541). The first request of a
 * path writes its headers out and puts them into the server's dynamic table; those
 * after it only point there, as the requests of any ordinary client do.
 */
export class RequestHeaders {
  readonly #authority: string;
  /** Entries of the dynamic table in the order in which they were added. */
  readonly #table: string[] = [];
  readonly #blocks = new Map<string, Buffer>();

  /** `authority`: HOST:PORT. */
  constructor(authority: string) {
    this.#authority = authority;
  }

  /** To be sent in the order in which it was asked for. */
  block(path: string): Buffer {
    const known = this.#blocks.get(path);
    if (known) return known;
    const before = this.#table.length;
    const block = this.#encode(path);
    // What was added has moved every older entry, or it is complete now.
    if (this.#table.length > before) this.#blocks.clear();
    else this.#blocks.set(path, block);
    return block;
  }

  #encode(path: string): Buffer {
    return Buffer.concat([
      Buffer.of(METHOD_POST, SCHEME_HTTP),
      this.#field(NamedField.path, path),
      this.#field(NamedField.authority, this.#authority),
      this.#field(NamedField.contentType, "application/grpc"),
      this.#field("te", "trailers"),
    ]);
  }

  #field(name: number | string, value: string): Buffer {
    const entry = `${name}: ${value}`;
    const added = this.#table.indexOf(entry);
    // The newest entry comes first.
    if (added >= 0) return Buffer.of(0x80 | (DYNAMIC_FIRST + this.#table.length - 1 - added));
    this.#table.push(entry);
    const head = typeof name === "number" ? [0x40 | name] : [0x40, ...literal(name)];
    return Buffer.of(...head, ...literal(value));
  }
}

/** Whole fields of the static table. */
const METHOD_POST = 0x83;
const SCHEME_HTTP = 0x86;
/** Fields of the static table of which only the name is used. */
const NamedField = { authority: 1, path: 4, contentType: 31 } as const;
/** Place of the first entry of the dynamic table. */
const DYNAMIC_FIRST = 62;

/** Without Huffman coding. REQUIRES: at most 126 bytes. */
function literal(text: string): number[] {
  const bytes = [...Buffer.from(text)];
  if (bytes.length > 126) throw new RangeError(`too long for a header: ${text}`);
  return [bytes.length, ...bytes];
}
