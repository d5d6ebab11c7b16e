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
/** Memory of so many bytes or more is given back to the system at once, and not when the garbage collector finds it. */
const LARGE_BYTES = 512 * 1024

/**
 * Collects an answer. One buffer that doubles, and not a list of chunks: a subgraph that sends single bytes would cost
 * a hundred times their size.
 *
 * A large answer grows in place. Buffers that it had outgrown, and those of answers that were given up, would wait for
 * the garbage collector: under load the process grew by more than twice what it held.
 */
export class AnswerBuffer {
  readonly #memory: AnswerMemory
  #bytes: Buffer = NOTHING
  /** The memory of a large answer, of which `#bytes` is a view; null for others. */
  #resizable: ArrayBuffer | null = null
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
    const { maxAnswerBytes } = this.#memory
    const size = Math.min(2 * length, maxAnswerBytes)
    if (this.#resizable) {
      this.#resizable.resize(size)
      this.#bytes = Buffer.from(this.#resizable, 0, size)
      return
    }
    let larger: Buffer
    if (size < LARGE_BYTES) {
      larger = Buffer.allocUnsafe(size)
    } else {
      this.#resizable = new ArrayBuffer(size, { maxByteLength: maxAnswerBytes })
      larger = Buffer.from(this.#resizable, 0, size)
    }
    this.#bytes.copy(larger, 0, 0, this.#length)
    this.#bytes = larger
  }

  /** Gives the memory back. Nothing must be added afterwards. */
  take(): Buffer {
    const bytes = this.#bytes.subarray(0, this.#length)
    const taken = this.#resizable ? Buffer.from(bytes) : bytes
    this.giveUp()
    return taken
  }

  /** Gives the memory back, and forgets what was collected. */
  giveUp(): void {
    this.#resizable?.resize(0)
    this.#resizable = null
    this.#memory.heldBytes -= this.#held
    this.#held = 0
    this.#bytes = NOTHING
    this.#length = 0
  }
}
