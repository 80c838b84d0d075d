const terminator = Buffer.from("\r\n.\r\n")

/**
 * Gathers what follows DATA up to CRLF.CRLF, and nothing else: a bare LF ends no message (the way messages are
 * smuggled). Octets over `bytesMax` are counted and dropped.
 */
export class MessageData {
  bytes = 0
  private readonly bytesMax: number
  private readonly chunks: Buffer[] = []
  /** End of what was read: a terminator may lie across two chunks. DATA's own CRLF counts (RFC 5321, 4.1.1.4). */
  private tail: Buffer = Buffer.from("\r\n")

  constructor(bytesMax: number) {
    this.bytesMax = bytesMax
  }

  get tooLarge(): boolean { return this.bytes > this.bytesMax }

  /** Takes octets; returns those after the end of the message, or `undefined` where the message goes on. */
  take(chunk: Buffer): Buffer | undefined {
    const joined = Buffer.concat([this.tail, chunk])
    const end = joined.indexOf(terminator)
    if (end < 0) {
      this.add(chunk)
      this.tail = joined.subarray(-4)
      return undefined
    }
    // The CRLF before the dot belongs to the message, unless it is DATA's own.
    const inChunk = end + 2 - this.tail.length
    if (inChunk >= 0) this.add(chunk.subarray(0, inChunk))
    else this.dropLast(-inChunk)
    return joined.subarray(end + terminator.length)
  }

  /** The message with its dots unstuffed (RFC 5321, section 4.5.2). */
  message(): Buffer {
    const whole = Buffer.concat(this.chunks)
    const startsStuffed = whole[0] === 46
    if (!startsStuffed && whole.indexOf("\r\n.") < 0) return whole
    const text = whole.toString("latin1").replaceAll("\r\n.", "\r\n")
    return Buffer.from(startsStuffed ? text.slice(1) : text, "latin1")
  }

  private add(chunk: Buffer): void {
    this.bytes += chunk.length
    if (this.bytes <= this.bytesMax + terminator.length) this.chunks.push(chunk)
  }

  /** The terminator began in the last chunks: its dot and line end are no part of the message. */
  private dropLast(count: number): void {
    let left = count
    while (left > 0 && this.chunks.length > 0) {
      const last = this.chunks.pop()!
      if (last.length > left) this.chunks.push(last.subarray(0, last.length - left))
      this.bytes -= Math.min(left, last.length)
      left -= last.length
    }
  }
}
