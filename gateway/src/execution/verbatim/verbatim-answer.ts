import type { ObjectShape } from './answer-shape.ts'
import type { VerbatimPlan } from './compile-verbatim.ts'
import { Hole, type OnHole, type Piece, readEntities, readRoot } from './read-answer.ts'

/** The places of what a fetch gives for one representation. */
type Asked = { readonly result: ObjectShape; readonly holes: Hole[] }

/** With the answer's bytes as characters. */
type Taken = { readonly fetch: number; readonly text: string }

/**
 * The answer to one request, put together from the bytes of the subgraphs' answers, which are checked as values would be
 * after parsing. Where one is not as it should be, all of them are parsed, and the answer is made of the values.
 */
export class VerbatimAnswer {
  readonly #pieces: readonly Piece[]
  /** For each fetch of entities, by representation. */
  readonly #asked: readonly Map<string, Asked>[]
  /** For each fetch of root fields. */
  readonly #roots = new Map<number, Asked>()
  readonly #taken: Taken[] = []
  #isGivenUp = false

  constructor({ fetches, root }: VerbatimPlan) {
    this.#asked = fetches.map(() => new Map())
    this.#pieces = root.map((part) => {
      if (typeof part === 'string') return part
      const hole = new Hole()
      this.#roots.set(part.fetch, { result: part.result, holes: [hole] })
      return hole
    })
  }

  get isGivenUp(): boolean {
    return this.#isGivenUp
  }

  /** The objects that a fetch adds fields to, as JSON, each once. */
  representationsFor(fetch: number): readonly string[] {
    return [...this.#askedOf(fetch).keys()]
  }

  /**
   * Takes the answer of a fetch, whose bytes must be valid UTF-8.
   * @returns false where it has to be parsed
   */
  take(fetch: number, bytes: Buffer): boolean {
    if (this.#isGivenUp) return false
    const root = this.#roots.get(fetch)
    const asked = root ? [root] : [...this.#askedOf(fetch).values()]
    const text = bytes.toString('latin1')
    const found = root
      ? readRoot(root.result, { bytes, text }, this.#onHole)
      : readEntities(asked, { bytes, text }, this.#onHole)
    if (found === null) return false
    for (const [index, { holes }] of asked.entries()) {
      for (const hole of holes) hole.pieces = found[index] as readonly Piece[]
    }
    this.#taken.push({ fetch, text })
    return true
  }

  /** Also where it was given up since. */
  hasTaken(fetch: number): boolean {
    return this.#taken.some((taken) => taken.fetch === fetch)
  }

  /** @returns what was taken, in the order in which it came */
  giveUp(): readonly Taken[] {
    this.#isGivenUp = true
    return this.#taken
  }

  /** The answer's JSON, once every fetch has been taken. */
  json(): Buffer {
    return Buffer.from(`{"data":${textOf(this.#pieces)}}`, 'latin1')
  }

  #askedOf(fetch: number): Map<string, Asked> {
    return this.#asked[fetch] as Map<string, Asked>
  }

  readonly #onHole: OnHole = (fetch, representation, result, hole) => {
    const asked = this.#askedOf(fetch)
    const known = asked.get(representation)
    if (known) known.holes.push(hole)
    else asked.set(representation, { result, holes: [hole] })
  }
}

function textOf(pieces: readonly Piece[]): string {
  let text = ''
  for (const piece of pieces) text += typeof piece === 'string' ? piece : textOf(piece.pieces)
  return text
}
