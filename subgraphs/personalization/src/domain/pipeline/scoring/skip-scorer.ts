import type { Scorer } from './scorer.ts'

/**
 * Each skip halves an item's score, or doubles one below 0: seen and passed over is a weak no, which a new interaction
 * may outweigh.
 */
const SKIP_FACTOR = 0.5

export const skipScorer: Scorer = {
  name: 'scorer_skips',
  enabled: ({ history }) => history.skips.size > 0,
  run({ history }, candidates) {
    if (!candidates.some(({ itemId }) => history.skips.has(itemId))) return candidates
    return candidates
      .map((candidate) => {
        const skips = history.skips.get(candidate.itemId)
        return skips === undefined
          ? candidate
          : { ...candidate, score: candidate.score * SKIP_FACTOR ** (candidate.score < 0 ? -skips : skips) }
      })
      .sort((a, b) => b.score - a.score)
  },
  without: (candidates) => candidates,
}
