/** What the answers of one subgraph may hold in memory while they arrive. */
export type AnswerMemory = {
  /** Upper bound on one answer, compressed or not. */
  readonly maxAnswerBytes: number
  /** Above it, answers that are larger than their share are given up. */
  readonly maxHeldBytes: number
  readonly shareBytes: number
  heldBytes: number
}

export function createAnswerMemory(limits: {
  readonly maxAnswerBytes: number
  readonly maxHeldBytes: number
  readonly shareBytes: number
}): AnswerMemory {
  const { maxAnswerBytes, maxHeldBytes, shareBytes } = limits
  return { maxAnswerBytes, maxHeldBytes, shareBytes, heldBytes: 0 }
}

const NOTHING = Buffer.alloc(0)

/**
 * Collects an answer. One buffer that doubles, and not a list of chunks: a subgraph that sends single bytes would cost
 * a hundred times their size.
 */
export class AnswerBuffer {
  readonly #memory: AnswerMemory
  #bytes: Buffer = NOTHING
  #length = 0
  #held = 0

  constructor(memory: AnswerMemory) {
    this.#memory = memory
  }

  /** Copies the chunk. Null where it was taken; else why the answer is too large. */
  add(chunk: Buffer): string | null {
    const memory = this.#memory
    const length = this.#length + chunk.length
    if (length > memory.maxAnswerBytes) return `answer is over ${memory.maxAnswerBytes} bytes`
    if (this.#length === 0) {
      this.#bytes = Buffer.from(chunk)
    } else {
      if (length > this.#bytes.length) this.#grow(length)
      chunk.copy(this.#bytes, this.#length)
    }
    this.#length = length
    memory.heldBytes += this.#bytes.length - this.#held
    this.#held = this.#bytes.length
    if (memory.heldBytes > memory.maxHeldBytes && length > memory.shareBytes) {
      return `answers under way are over ${memory.maxHeldBytes} bytes, and this one has more than its share`
    }
    return null
  }

  #grow(length: number): void {
    const larger = Buffer.allocUnsafe(Math.min(2 * length, this.#memory.maxAnswerBytes))
    this.#bytes.copy(larger, 0, 0, this.#length)
    this.#bytes = larger
  }

  /** Gives the memory back. The bytes must not be added to afterwards. */
  take(): Buffer {
    const bytes = this.#bytes.subarray(0, this.#length)
    this.#memory.heldBytes -= this.#held
    this.#held = 0
    this.#bytes = NOTHING
    this.#length = 0
    return bytes
  }
}
