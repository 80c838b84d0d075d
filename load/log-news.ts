import { open, stat } from "node:fs/promises"

const pieceBytes = 1_048_576

/** What comes into a log from now on. A log of a list of a million is longer than a text may be, and is not read again for each look. */
export class LogNews {
  private readonly path: string
  private position: number
  private last = ""
  private constructor(path: string, position: number) {
    this.path = path
    this.position = position
  }

  /** Of a file that may not be there yet. */
  static async from(path: string): Promise<LogNews> {
    return new LogNews(path, await stat(path).then(({ size }) => size, () => 0))
  }

  /** Whether `text`, in ASCII, has come since the last look; looks for one text all along. Throws where there is no file. */
  async bring(text: string): Promise<boolean> {
    const file = await open(this.path)
    try {
      for (const piece = Buffer.alloc(pieceBytes);;) {
        const { bytesRead } = await file.read(piece, 0, pieceBytes, this.position)
        if (bytesRead === 0) return false
        this.position += bytesRead
        const news = this.last + piece.toString("latin1", 0, bytesRead)
        if (news.includes(text)) return true
        // It may have come in part.
        this.last = news.slice(-text.length)
      }
    } finally {
      await file.close()
    }
  }
}
