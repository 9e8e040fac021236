/** Header fields, in order. */
export type Fields = readonly (readonly [name: string, value: string | Buffer])[];

/** Every field as a literal that is not remembered: no table, no Huffman code. */
export function encodeFields(fields: Fields): Buffer {
  return Buffer.concat(fields.flatMap(([name, value]) => [Buffer.of(0), text(name), text(value)]));
}

/** What a gRPC call begins with. */
export function callFields(path: string, more: Fields = []): Fields {
  return [
    [":method", "POST"],
    [":scheme", "http"],
    [":path", path],
    [":authority", "varve"],
    ["te", "trailers"],
    ["content-type", "application/grpc"],
    ...more,
  ];
}

/** A number after a prefix of so many bits, as RFC 7541 writes it. */
export function encodeInteger(value: number, prefixBits: number, firstByte = 0): Buffer {
  const largest = 2 ** prefixBits - 1;
  if (value < largest) return Buffer.of(firstByte | value);
  const bytes = [firstByte | largest];
  let rest = value - largest;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  return Buffer.from([...bytes, rest]);
}

function text(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value as string, "latin1");
  return Buffer.concat([encodeInteger(bytes.length, 7), bytes]);
}
