import type { DuckDBConnection } from '@duckdb/node-api'

/** Upper bound on the texts whose ids are remembered. */
const MAX_KNOWN = 100_000

/** The id of an event without attributes. */
export const NO_ATTRIBUTES = 0n

export type AttributeDictionary = {
  /** @param position of the event that has the attributes */
  id(attributes: unknown, position: number): bigint
  /** Texts that have got their id since the last call, to be stored together with the rows that use them. */
  takeNew(): readonly { readonly id: bigint; readonly text: string }[]
}

/**
 * Gives a number to each text of attributes, so that rows are small and a condition is evaluated once for each text. A
 * text that is no longer remembered gets another number, which is harmless. Use a new dictionary after a transaction
 * that failed, or that deleted texts.
 *
 * @param nextId the number of a new text, whose first event is at this position; never the same one again
 */
export function createDictionary(nextId: (position: number) => bigint): AttributeDictionary {
  let known = new Map<string, bigint>()
  let added: { id: bigint; text: string }[] = []
  return {
    id(attributes, position) {
      if (attributes === null || attributes === undefined) return NO_ATTRIBUTES
      const text = JSON.stringify(attributes)
      const found = known.get(text)
      if (found !== undefined) return found
      if (known.size >= MAX_KNOWN) known = new Map()
      const id = nextId(position)
      known.set(text, id)
      added.push({ id, text })
      return id
    },
    takeNew() {
      const taken = added
      added = []
      return taken
    },
  }
}

/** A dictionary that counts on from the ids that are stored. */
export async function readDictionary(connection: DuckDBConnection): Promise<AttributeDictionary> {
  const reader = await connection.runAndReadAll('select coalesce(max(id), 0) from attributes')
  let last = BigInt(String(reader.getRows()[0]?.[0]))
  return createDictionary(() => {
    last += 1n
    return last
  })
}
