import { canonical } from "./zone-data.ts"

/** One question that reached the lab's DNS. */
export interface AskedQuestion {
  name: string
  type: string
  /** Address of who asked. */
  client: string
  transport: "udp" | "tcp"
  /** Microseconds since the epoch. */
  askedUs: number
  /** Response code, or `SILENT` where a fault kept the answer back. */
  outcome: string
}

const questionsMax = 20_000
const namesMax = 20_000

/** Who asked what: the last 20 000 questions and the counts of the first 20 000 names; what was dropped is counted. */
export class QuestionsAsked {
  private readonly questions: AskedQuestion[] = []
  private readonly counts = new Map<string, number>()
  private dropped = 0
  private total = 0

  add(question: AskedQuestion): void {
    this.total += 1
    this.questions.push(question)
    if (this.questions.length > 2 * questionsMax) {
      this.dropped += questionsMax
      this.questions.splice(0, questionsMax)
    }
    const key = canonical(question.name)
    const count = this.counts.get(key)
    if (count !== undefined || this.counts.size < namesMax) this.counts.set(key, (count ?? 0) + 1)
  }

  /** Questions for `name` (all without it) since `sinceUs`, oldest first. */
  list(name: string | undefined, sinceUs: number) {
    const wanted = name === undefined ? undefined : canonical(name)
    const questions = this.questions.filter((question) =>
      (wanted === undefined || canonical(question.name) === wanted) && question.askedUs >= sinceUs)
    return { questions, count: wanted === undefined ? this.total : this.counts.get(wanted) ?? 0, dropped: this.dropped }
  }

  /** How often each name was asked. */
  names(): { total: number; names: Record<string, number> } {
    return { total: this.total, names: Object.fromEntries(this.counts) }
  }
}
