import type { Addressees } from '../send-fetch.ts'
import type { ObjectShape } from './answer-shape.ts'
import type { VerbatimPlan } from './compile-verbatim.ts'
import { beginsAsAnswer, Hole, type OnHole, type Piece, readEntities, readRoot } from './read-answer.ts'

/** The places of what a fetch gives for one representation. */
type Asked = { readonly result: ObjectShape; readonly holes: Hole[] }

/** A fetch that has begun. */
export type Sent = {
  /** Its index in the plan. */
  readonly fetch: number
  /** The objects that it adds fields to, as JSON, each once; null for root fields. */
  readonly representations: readonly string[] | null
  /** Its answer's bytes as characters; null where it was not taken. */
  taken: string | null
  /** What went wrong here when it should have been taken, which is a defect of the gateway. */
  defect: unknown
  /** Who gets its values; null unless the answer was given up while it was under way. */
  addressees: Addressees | null
}

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
  readonly #taken: Sent[] = []
  readonly #underWay = new Set<Sent>()
  /** Whether places of one object want different fields of it. */
  #isDivided = false
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

  begin(fetch: number): Sent {
    const representations = this.#roots.has(fetch) ? null : [...this.#askedOf(fetch).keys()]
    const sent: Sent = { fetch, representations, taken: null, defect: null, addressees: null }
    this.#underWay.add(sent)
    return sent
  }

  /**
   * Takes the answer of a fetch, whose bytes must be valid UTF-8.
   * @returns false where it has to be parsed
   */
  take(sent: Sent, bytes: Buffer): boolean {
    if (this.#isGivenUp || !beginsAsAnswer(bytes)) return false
    try {
      return this.#read(sent, bytes)
    } catch (error) {
      // This runs in a callback of the connection, where a throw would end the process. `sendVerbatim` throws it instead.
      sent.defect = error
      return false
    }
  }

  /** @returns what was taken, in the order in which it came, and what is still to come */
  giveUp(): { readonly taken: readonly Sent[]; readonly underWay: Iterable<Sent> } {
    this.#isGivenUp = true
    return { taken: this.#taken, underWay: this.#underWay }
  }

  /** The answer's JSON, once every fetch has been taken. */
  json(): Buffer {
    return Buffer.from(`{"data":${textOf(this.#pieces)}}`, 'latin1')
  }

  #read(sent: Sent, bytes: Buffer): boolean {
    const root = this.#roots.get(sent.fetch)
    const asked = root ? [root] : [...this.#askedOf(sent.fetch).values()]
    const text = bytes.toString('latin1')
    const found = root
      ? readRoot(root.result, { bytes, text }, this.#onHole)
      : readEntities(asked, { bytes, text }, this.#onHole)
    if (found === null || this.#isDivided) return false
    for (const [index, { holes }] of asked.entries()) {
      for (const hole of holes) hole.pieces = found[index] as readonly Piece[]
    }
    sent.taken = text
    this.#taken.push(sent)
    this.#underWay.delete(sent)
    return true
  }

  #askedOf(fetch: number): Map<string, Asked> {
    return this.#asked[fetch] as Map<string, Asked>
  }

  readonly #onHole: OnHole = (fetch, representation, result, hole) => {
    const asked = this.#askedOf(fetch)
    const known = asked.get(representation)
    if (!known) asked.set(representation, { result, holes: [hole] })
    else if (known.result === result) known.holes.push(hole)
    else this.#isDivided = true
  }
}

function textOf(pieces: readonly Piece[]): string {
  let text = ''
  for (const piece of pieces) {
    if (typeof piece === 'string') text += piece
    else if (piece.pieces) text += textOf(piece.pieces)
    else throw new Error('a fetch was never answered')
  }
  return text
}
