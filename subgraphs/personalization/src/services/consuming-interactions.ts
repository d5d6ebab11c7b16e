import { createHash } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { PersonalizationStore } from '../datastore/port.ts'
import { CONSUMING_TYPES, type Interaction } from '../domain/interaction.ts'

const PAGE_SIZE = 1_000

export type InteractionsRead = {
  /** SHA-256 over them all, as hexadecimal digits; the same for the same interactions in both datastores. */
  readonly fingerprint: string
  readonly interactions: number
}

/**
 * Reads every consuming interaction, in pages with turns for other work in between.
 * @param onPage gets how many were read so far
 * @param until epoch milliseconds: what happened from then on is left out
 */
export async function readConsumingInteractions(
  store: Pick<PersonalizationStore, 'scanInteractions'>,
  onInteraction: (interaction: Interaction) => void,
  onPage: (interactions: number) => void,
  until = Number.POSITIVE_INFINITY,
): Promise<InteractionsRead> {
  const hash = createHash('sha256')
  let interactions = 0
  let after: Interaction | null = null
  for (;;) {
    const page: readonly Interaction[] = await store.scanInteractions({ after, limit: PAGE_SIZE })
    for (const interaction of page) {
      if (!CONSUMING_TYPES.includes(interaction.type) || interaction.occurredAt >= until) continue
      hash.update(canonicalLine(interaction))
      onInteraction(interaction)
      interactions++
    }
    onPage(interactions)
    after = page.at(-1) ?? null
    if (page.length < PAGE_SIZE) break
    await nextTurn()
  }
  return { fingerprint: hash.digest('hex'), interactions }
}

/**
 * What the fingerprint hashes of one interaction. A JSON array, so that two different interactions never give the same
 * text.
 */
function canonicalLine(interaction: Interaction): string {
  const { userId, itemId, eventId, type, value, occurredAt } = interaction
  return `${JSON.stringify([userId, itemId, eventId, type, value, occurredAt])}\n`
}
