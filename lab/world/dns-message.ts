import packet, { type Answer, type OptAnswer, type Packet, type Question } from "dns-packet"
import type { ZoneRecord } from "./zone-data.ts"

export interface DnsQuery {
  id: number
  flags: number
  opcode: string
  question: Question
  /** EDNS of the query (RFC 6891), `undefined` where it had none. */
  edns: OptAnswer | undefined
}

export interface DnsReply {
  rcode: keyof typeof responseCodes
  answers?: readonly ZoneRecord[]
  authorities?: readonly ZoneRecord[]
}

/** RFC 1035, section 4.1.1; BADVERS (RFC 6891, section 6.1.3) has its upper bits in the OPT record. */
const responseCodes = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5, BADVERS: 16 } as const

const udpBytesMin = 512
/** What fits an unfragmented datagram everywhere (the value of DNS flag day 2020). */
const udpBytesMax = 1232
const flagAuthoritative = 1 << 10
const flagTruncated = 1 << 9
const flagsEchoed = (1 << 8) | (1 << 4)
const headerBytes = 12

/** Reads a query. `undefined`: not a query, or too short to be answered. `"malformed"`: to be answered FORMERR. */
export function readQuery(message: Buffer): DnsQuery | "malformed" | undefined {
  if (message.length < headerBytes || (message[2]! & 0x80) !== 0) return undefined
  try {
    const decoded = packet.decode(message) as unknown as Packet & { opcode: string }
    const question = decoded.questions?.[0]
    if (!question || decoded.questions!.length !== 1) return "malformed"
    if (!/^[\x21-\x7e]+$/.test(question.name)) return "malformed"
    const edns = decoded.additionals?.find((record): record is OptAnswer => record.type === "OPT")
    return { id: decoded.id ?? 0, flags: decoded.flags ?? 0, opcode: decoded.opcode, question, edns }
  } catch {
    return "malformed"
  }
}

/** FORMERR with the query's id and nothing else: what can be said to a message that cannot be read. */
export function malformedReply(message: Buffer): Buffer {
  const reply = Buffer.alloc(headerBytes)
  message.copy(reply, 0, 0, 2)
  reply.writeUInt16BE(0x8000 | responseCodes.FORMERR, 2)
  return reply
}

/**
 * The wire form of a reply. Over UDP a reply that does not fit what the client takes (512 octets, or its EDNS size
 * up to 1232) is sent empty with TC set, so that the client comes back over TCP.
 */
export function writeReply(query: DnsQuery, reply: DnsReply, transport: "udp" | "tcp"): Buffer {
  const whole = encode(query, reply, 0)
  if (transport === "tcp") return whole
  const room = Math.max(udpBytesMin, Math.min(query.edns?.udpPayloadSize ?? udpBytesMin, udpBytesMax))
  return whole.length <= room ? whole : encode(query, { rcode: reply.rcode }, flagTruncated)
}

function encode(query: DnsQuery, { rcode, answers = [], authorities = [] }: DnsReply, extraFlags: number): Buffer {
  const code = responseCodes[rcode]
  return packet.encode({
    type: "response", id: query.id,
    flags: (query.flags & flagsEchoed) | flagAuthoritative | extraFlags | (code & 0xf),
    questions: [query.question],
    answers: answers.map((record) => wireRecord(record, query.question.name)),
    authorities: authorities.map((record) => wireRecord(record)),
    additionals: query.edns ? [echoedOption(code)] : [],
  })
}

function echoedOption(code: number): Answer {
  return {
    type: "OPT", name: ".", udpPayloadSize: udpBytesMax, extendedRcode: code >> 4, ednsVersion: 0, flags: 0,
    flag_do: false, options: [],
  }
}

/** A name is given back in the letters in which it was asked: some resolvers check the case. */
function wireRecord({ name, type, data, ttl }: ZoneRecord, asked?: string): Answer {
  const spelled = asked?.toLowerCase() === name ? asked : name
  // The library turns TXT strings into buffers in place.
  const own = Array.isArray(data) ? [...data as string[]] : data
  return { name: spelled === "" ? "." : spelled, type, ttl, data: own } as Answer
}
