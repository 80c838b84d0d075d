import { closeSync, openSync, renameSync, writeSync } from "node:fs"
import { ThriftStruct, varint } from "./thrift-compact.ts"

/**
 * How a column's values are kept. `word`: few different texts, each once in a row group and a number of two octets for
 * each row.
 */
export type ColumnKind = "int64" | "int32" | "boolean" | "text" | "word"
export type ColumnShapes = Readonly<Record<string, ColumnKind>>

// Parquet's numbers for physical types, encodings and page types (parquet.thrift of apache/parquet-format).
const physicalType: Record<ColumnKind, number> = { boolean: 0, int32: 1, int64: 2, text: 6, word: 6 }
const encoding = { plain: 0, rle: 3, dictionary: 8 } as const
const page = { data: 0, dictionary: 2 } as const
const requiredColumn = 0
const utf8 = 0

const magic = Buffer.from("PAR1")
const wordsMax = 65_536
export const groupRowsMax = 65_536

/** One column of the row group at hand, in the octets that go to the disk. Its memory is used again for the next one. */
class Column {
  readonly name: string
  readonly kind: ColumnKind
  private values: Buffer
  private used = 0
  private rows = 0
  private readonly words = new Map<string, number>()

  constructor(name: string, kind: ColumnKind) {
    this.name = name
    this.kind = kind
    this.values = Buffer.alloc(groupRowsMax * { boolean: 1, int32: 4, int64: 8, text: 64, word: 2 }[kind])
  }

  get isFull(): boolean { return this.words.size === wordsMax }

  /** Adds `count` rows of one value. */
  add(value: string | number | boolean, count: number): void {
    if (this.kind === "text") for (let left = count; left > 0; left -= 1) this.addText(value as string)
    else this.addFixed(this.kind === "word" ? this.numberOf(value as string) : Number(value), count)
    this.rows += count
  }

  private addText(value: string): void {
    this.makeRoom(4 + value.length * 3)
    const length = this.values.write(value, this.used + 4, "utf8")
    this.values.writeUInt32LE(length, this.used)
    this.used += 4 + length
  }

  private addFixed(value: number, count: number): void {
    this.makeRoom(count * 8)
    for (let left = count; left > 0; left -= 1) {
      if (this.kind === "int64") {
        this.values.writeUInt32LE(value % 2 ** 32, this.used)
        this.values.writeUInt32LE(Math.floor(value / 2 ** 32), this.used + 4)
        this.used += 8
      } else if (this.kind === "int32") this.used = this.values.writeInt32LE(value, this.used)
      else if (this.kind === "word") this.used = this.values.writeUInt16LE(value, this.used)
      else this.values[this.used++] = value
    }
  }

  private numberOf(word: string): number {
    const known = this.words.get(word)
    if (known !== undefined) return known
    this.words.set(word, this.words.size)
    return this.words.size - 1
  }

  private makeRoom(octets: number): void {
    if (this.used + octets <= this.values.length) return
    const larger = Buffer.alloc(Math.max(this.values.length * 2, this.used + octets))
    this.values.copy(larger, 0, 0, this.used)
    this.values = larger
  }

  /** The pages of the row group, as pieces of the column's own memory; no dictionary but for words. */
  pages(): { dictionary: Buffer[]; data: Buffer[] } {
    if (this.kind !== "word") return { dictionary: [], data: pageOf(page.data, [this.plainValues()], this.rows, encoding.plain) }
    const words = [...this.words.keys()].flatMap((word) => {
      const text = Buffer.from(word, "utf8")
      return [uint32(text.length), text]
    })
    return {
      dictionary: pageOf(page.dictionary, [Buffer.concat(words)], this.words.size, encoding.plain),
      data: pageOf(page.data, this.packedNumbers(), this.rows, encoding.dictionary),
    }
  }

  private plainValues(): Buffer {
    if (this.kind !== "boolean") return this.values.subarray(0, this.used)
    const bits = Buffer.alloc(Math.ceil(this.used / 8))
    for (let row = 0; row < this.used; row += 1) if (this.values[row]) bits[row >> 3]! |= 1 << (row & 7)
    return bits
  }

  /** One bit-packed run of width 16, which is the octets as they are, in groups of eight. */
  private packedNumbers(): Buffer[] {
    const groups = Math.ceil(this.rows / 8)
    return [
      Buffer.from([16]), varint(groups * 2 + 1), this.values.subarray(0, this.used), Buffer.alloc(groups * 16 - this.used),
    ]
  }

  reset(): void {
    this.used = 0
    this.rows = 0
    this.words.clear()
  }
}

interface ColumnChunk { dictionaryAt: number | null; dataAt: number; size: number }
interface RowGroup { rows: number; chunks: ColumnChunk[] }

/**
 * A Parquet file that grows by row groups, uncompressed, all columns required. Until `close()` its name ends in `.part`:
 * under its final name it is whole. What is added stands in memory until a row group (65 536 rows) is full.
 */
export class ColumnarFile {
  rows = 0
  private readonly path: string
  private readonly columns: Column[]
  private readonly file: number
  private readonly groups: RowGroup[] = []
  private groupRows = 0
  private at = 0

  constructor(path: string, shapes: ColumnShapes) {
    this.path = path
    this.columns = Object.entries(shapes).map(([name, kind]) => new Column(name, kind))
    this.file = openSync(`${path}.part`, "wx")
    this.write([magic])
  }

  /** Adds `count` rows that differ in one column alone; the values are in the order of the shapes. */
  add(values: readonly (string | number | boolean | readonly string[])[], count: number): void {
    for (const [index, value] of values.entries()) {
      const column = this.columns[index]!
      if (typeof value === "object") for (const one of value) column.add(one, 1)
      else column.add(value, count)
    }
    this.rows += count
    this.groupRows += count
    if (this.groupRows >= groupRowsMax || this.columns.some(({ isFull }) => isFull)) this.endGroup()
  }

  /** Writes what is left and the footer, and gives the file its final name. */
  close(): void {
    this.endGroup()
    const footer = this.footer()
    this.write([footer, uint32(footer.length), magic])
    closeSync(this.file)
    renameSync(`${this.path}.part`, this.path)
  }

  private endGroup(): void {
    if (this.groupRows === 0) return
    this.groups.push({ rows: this.groupRows, chunks: this.columns.map((column) => this.writeChunk(column)) })
    this.groupRows = 0
  }

  private writeChunk(column: Column): ColumnChunk {
    const { dictionary, data } = column.pages()
    const start = this.at
    this.write(dictionary)
    const dataAt = this.at
    this.write(data)
    column.reset()
    return { dictionaryAt: dataAt > start ? start : null, dataAt, size: this.at - start }
  }

  private write(buffers: readonly Buffer[]): void {
    for (const buffer of buffers) {
      for (let done = 0; done < buffer.length;) done += writeSync(this.file, buffer, done)
      this.at += buffer.length
    }
  }

  private footer(): Buffer {
    const schema = [
      new ThriftStruct().text(4, "rows").int32(5, this.columns.length),
      ...this.columns.map(({ name, kind }) => {
        const element = new ThriftStruct().int32(1, physicalType[kind]).int32(3, requiredColumn).text(4, name)
        return physicalType[kind] === physicalType.text ? element.int32(6, utf8) : element
      }),
    ]
    return new ThriftStruct().int32(1, 1).structs(2, schema).int64(3, this.rows)
      .structs(4, this.groups.map((group) => this.groupMetadata(group))).text(6, "recette").end()
  }

  private groupMetadata({ rows, chunks }: RowGroup): ThriftStruct {
    const columns = chunks.map(({ dictionaryAt, dataAt, size }, index) => {
      const { name, kind } = this.columns[index]!
      const metadata = new ThriftStruct().int32(1, physicalType[kind])
        .int32s(2, [kind === "word" ? encoding.dictionary : encoding.plain]).texts(3, [name]).int32(4, 0)
        .int64(5, rows).int64(6, size).int64(7, size).int64(9, dataAt)
      if (dictionaryAt !== null) metadata.int64(11, dictionaryAt)
      return new ThriftStruct().int64(2, dataAt).struct(3, metadata)
    })
    return new ThriftStruct().structs(1, columns).int64(2, chunks.reduce((sum, { size }) => sum + size, 0)).int64(3, rows)
  }
}

function pageOf(type: number, content: readonly Buffer[], values: number, valueEncoding: number): Buffer[] {
  const size = content.reduce((sum, { length }) => sum + length, 0)
  const header = new ThriftStruct().int32(1, type).int32(2, size).int32(3, size)
  if (type === page.dictionary) header.struct(7, new ThriftStruct().int32(1, values).int32(2, valueEncoding))
  else {
    header.struct(5, new ThriftStruct().int32(1, values).int32(2, valueEncoding)
      .int32(3, encoding.rle).int32(4, encoding.rle))
  }
  return [header.end(), ...content]
}

function uint32(value: number): Buffer {
  const octets = Buffer.alloc(4)
  octets.writeUInt32LE(value)
  return octets
}
