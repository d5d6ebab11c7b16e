import type { InteractionType } from '@bulkhead/contracts'
import {
  countingOpinion,
  type HistoryLimits,
  type Interaction,
  OPINION_TYPES,
  type Opinion,
  type ServingHistory,
  USE_TYPES,
} from '../domain/interaction.ts'
import type { InteractionPosition } from './port.ts'

export type HistoryWindow = keyof ServingHistory

/** What the windows are made of. No type is in two of them, so that it tells where a row belongs. */
export const WINDOW_TYPES: Readonly<Record<HistoryWindow, readonly InteractionType[]>> = {
  opinions: OPINION_TYPES,
  used: USE_TYPES,
  skipped: ['SKIP'],
}

/** A row of a window, as the datastores have it, so that no row is copied. */
export type WindowRow = Pick<Interaction, 'eventId' | 'itemId' | 'type' | 'occurredAt'> & {
  readonly hiddenCreator?: string | null
}

/** The user's next `limit` interactions of a window's types after a position, newest first; fewer if there are no more. */
type ReadPage = (
  window: HistoryWindow,
  limit: number,
  after: InteractionPosition,
) => Promise<readonly WindowRow[]>

/**
 * Interactions read for each item that a window may hold. Whoever has had a few items very often has all of them among
 * so many, and whoever sends ever more of the same costs no more.
 */
const INTERACTIONS_PER_ITEM = 10

/**
 * The windows of one user, from a page of each, and more pages where there is more than that, or items repeat.
 * @param first the first page of each window, one after the other, each newest first
 * @param mostFirst how many rows of a window were asked for in its first page, where that is fewer than its limit
 */
export async function readServingHistory(
  limits: HistoryLimits,
  first: readonly WindowRow[],
  readPage: ReadPage,
  mostFirst = Number.POSITIVE_INFINITY,
): Promise<ServingHistory> {
  const newest = (window: HistoryWindow) =>
    newestItems(
      limits[window],
      first.filter(({ type }) => WINDOW_TYPES[window].includes(type)),
      Math.min(limits[window], mostFirst),
      (limit, after) => readPage(window, limit, after),
    )
  const [opinions, used, skipped] = await Promise.all([newest('opinions'), newest('used'), newest('skipped')])
  return {
    opinions: opinions.map(({ rows }) => rows.map(readOpinion).reduce(countingOpinion)),
    used: used.map(({ itemId, rows }) => ({ itemId, occurredAt: rows[0].occurredAt })),
    skipped: skipped.map(({ itemId, rows }) => ({ itemId, times: rows.length })),
  }
}

type DistinctItem = { readonly itemId: string; readonly rows: [WindowRow, ...WindowRow[]] }

/**
 * The newest distinct items, each with the rows that were read of it, newest first.
 * @param firstSize how many rows were asked for in the first page
 */
async function newestItems(
  limit: number,
  first: readonly WindowRow[],
  firstSize: number,
  readPage: (limit: number, after: InteractionPosition) => Promise<readonly WindowRow[]>,
): Promise<readonly DistinctItem[]> {
  const items = new Map<string, DistinctItem>()
  let page = first
  let pageSize = firstSize
  for (let read = pageSize; ; read += pageSize) {
    for (const row of page) {
      const { itemId } = row
      const known = items.get(itemId)
      if (known !== undefined) known.rows.push(row)
      else if (items.size < limit) items.set(itemId, { itemId, rows: [row] })
    }
    const last = page.at(-1)
    if (last === undefined || page.length < pageSize) break
    if (items.size === limit || read === limit * INTERACTIONS_PER_ITEM) break
    // After a shorter first page, the next one ends at the limit: so both datastores stop after the same rows.
    pageSize = limit - (read % limit)
    page = await readPage(pageSize, last)
  }
  return [...items.values()]
}

function readOpinion({ itemId, type, occurredAt, hiddenCreator = null }: WindowRow): Opinion {
  const opinion = { itemId, type, occurredAt }
  return hiddenCreator === null ? opinion : { ...opinion, hiddenCreator }
}
