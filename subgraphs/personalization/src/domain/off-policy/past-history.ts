import {
  countingOpinion,
  type Interaction,
  OPINION_TYPES,
  type Opinion,
  opinionOf,
  USE_TYPES,
} from '../interaction.ts'
import { readHistory, type UserHistory } from '../pipeline/hydration/user-history.ts'

/** What serving would have known of a user from these interactions alone, those from before a slate. */
export function pastHistory(before: readonly Interaction[]): UserHistory {
  const opinions = new Map<string, Opinion>()
  const used = new Map<string, Pick<Interaction, 'itemId' | 'occurredAt'>>()
  for (const interaction of before) {
    const { itemId, occurredAt } = interaction
    if (OPINION_TYPES.includes(interaction.type)) {
      const known = opinions.get(itemId)
      const opinion = opinionOf(interaction)
      opinions.set(itemId, known === undefined ? opinion : countingOpinion(known, opinion))
    }
    if (USE_TYPES.includes(interaction.type)) {
      const newest = Math.max(used.get(itemId)?.occurredAt ?? occurredAt, occurredAt)
      used.set(itemId, { itemId, occurredAt: newest })
    }
  }
  return readHistory({ opinions: [...opinions.values()], used: [...used.values()], skipped: [] })
}
