// Thrift's compact protocol, as far as Parquet's metadata needs it.
// https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md

const type = { int32: 5, int64: 6, binary: 8, list: 9, struct: 12 } as const
const shortListMax = 14

/** A struct that is written field by field, numbers ascending. */
export class ThriftStruct {
  private readonly pieces: Buffer[] = []
  private last = 0

  int32(field: number, value: number): this { return this.field(field, type.int32, [zigzag(value)]) }
  int64(field: number, value: number): this { return this.field(field, type.int64, [zigzag(value)]) }
  text(field: number, value: string): this { return this.field(field, type.binary, textOf(value)) }
  struct(field: number, value: ThriftStruct): this { return this.field(field, type.struct, [value.end()]) }
  structs(field: number, values: readonly ThriftStruct[]): this {
    return this.list(field, type.struct, values.map((value) => value.end()))
  }
  texts(field: number, values: readonly string[]): this { return this.list(field, type.binary, values.flatMap(textOf), values.length) }
  int32s(field: number, values: readonly number[]): this { return this.list(field, type.int32, values.map(zigzag)) }

  end(): Buffer { return Buffer.concat([...this.pieces, Buffer.from([0])]) }

  private field(number: number, kind: number, content: readonly Buffer[]): this {
    this.pieces.push(Buffer.from([(number - this.last) << 4 | kind]), ...content)
    this.last = number
    return this
  }

  private list(field: number, kind: number, items: readonly Buffer[], size = items.length): this {
    const head = size <= shortListMax ? [Buffer.from([size << 4 | kind])] : [Buffer.from([0xf0 | kind]), varint(size)]
    return this.field(field, type.list, [...head, ...items])
  }
}

/** Seven bits an octet, the lowest first. For numbers up to 2 ** 53. */
export function varint(value: number): Buffer {
  const octets: number[] = []
  let rest = value
  while (rest >= 0x80) {
    octets.push(rest % 0x80 | 0x80)
    rest = Math.floor(rest / 0x80)
  }
  octets.push(rest)
  return Buffer.from(octets)
}

function zigzag(value: number): Buffer {
  return varint(value >= 0 ? value * 2 : -value * 2 - 1)
}

function textOf(value: string): Buffer[] {
  const text = Buffer.from(value, "utf8")
  return [varint(text.length), text]
}
