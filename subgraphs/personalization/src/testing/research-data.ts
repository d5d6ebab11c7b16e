import { existsSync, readFileSync } from 'node:fs'
import {
  createInteractionMatrixBuilder,
  type InteractionMatrix,
} from '../domain/item-to-item/interaction-matrix.ts'
import type { RecommendationModel } from '../domain/recommendation-model.ts'
import { type RankedUser, type RankingQuality, rankingQuality } from './ranking-quality.ts'

/** Research data that stands beside the repository and never in it. */
const FOLDER = new URL('../../../../../shared/data/', import.meta.url)

/** The items of each user. */
export type UserItems = ReadonlyMap<string, readonly string[]>

/** A file below ../shared/data: one pair a line (`user item ...`), or one user a line (`user item item ...`). */
export type ResearchFile = { readonly path: string; readonly lines: 'pairs' | 'lists' }

export const ML_100K_TRAIN: ResearchFile = { path: 'ml-100k/train.rating', lines: 'pairs' }
export const ML_100K_TEST: ResearchFile = { path: 'ml-100k/test.rating', lines: 'lists' }
export const LASTFM_TRAIN: ResearchFile = { path: 'lastfm/train.txt', lines: 'lists' }
export const LASTFM_TEST: ResearchFile = { path: 'lastfm/test.txt', lines: 'lists' }

/** Why a test that needs the file is skipped, or null where the file is there. */
export function whyWithout({ path }: ResearchFile): string | null {
  return existsSync(new URL(path, FOLDER)) ? null : `../shared/data/${path} is not there`
}

export function readResearchFile({ path, lines }: ResearchFile): UserItems {
  const byUser = new Map<string, string[]>()
  for (const line of readFileSync(new URL(path, FOLDER), 'utf8').split('\n')) {
    const [userId, ...rest] = line.split(/\s+/).filter((word) => word !== '')
    if (userId === undefined) continue
    const items = byUser.get(userId) ?? []
    byUser.set(userId, items)
    items.push(...(lines === 'pairs' ? rest.slice(0, 1) : rest))
  }
  return byUser
}

export function matrixOf(users: UserItems): InteractionMatrix {
  const builder = createInteractionMatrixBuilder()
  for (const [userId, items] of users) for (const itemId of items) builder.add(userId, itemId)
  return builder.build()
}

/** Ranks all items but those of the user's `train` for every user of `test`. */
export function qualityOf(
  model: RecommendationModel,
  train: UserItems,
  test: UserItems,
  cutoff: number,
): RankingQuality {
  const users: RankedUser[] = [...test].map(([userId, items]) => {
    const history = (train.get(userId) ?? []).map((itemId) => ({ itemId, weight: 1 }))
    const ranked = model.recommend(history, cutoff).map(({ itemId }) => itemId)
    return { relevant: new Set(items), ranked }
  })
  return rankingQuality(users, cutoff)
}
