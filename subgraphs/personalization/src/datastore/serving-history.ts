import {
  countingOpinion,
  type HistoryLimits,
  type Interaction,
  type Opinion,
  type ServingHistory,
} from '../domain/interaction.ts'
import type { InteractionPosition } from './port.ts'

export type HistoryWindow = keyof ServingHistory

/** What the windows are made of, as the datastores have it, so that no row is copied. */
export type WindowRow = Pick<Interaction, 'eventId' | 'itemId' | 'type' | 'occurredAt'> & {
  readonly hiddenCreator?: string | null
}

/** The user's next `limit` interactions of a window's types after a position, newest first; fewer if there are no more. */
type ReadPage = (
  window: HistoryWindow,
  limit: number,
  after: InteractionPosition | null,
) => Promise<readonly WindowRow[]>

/**
 * Interactions read for each item that a window may hold. Whoever has had a few items very often has all of them among
 * so many, and whoever sends ever more of the same costs no more.
 */
const INTERACTIONS_PER_ITEM = 10

/**
 * Reads the windows of one user at the same time, a page each unless items repeat.
 * @param first the first page of each window, `limits` rows of it, where one call has read them together
 */
export async function readServingHistory(
  limits: HistoryLimits,
  readPage: ReadPage,
  first: Readonly<Record<HistoryWindow, readonly WindowRow[]>> | null = null,
): Promise<ServingHistory> {
  const newest = (window: HistoryWindow) =>
    newestItems(limits[window], async (limit, after) =>
      after === null && first !== null ? first[window] : await readPage(window, limit, after),
    )
  const [opinions, used, skipped] = await Promise.all([newest('opinions'), newest('used'), newest('skipped')])
  return {
    opinions: opinions.map(({ rows }) => rows.map(readOpinion).reduce(countingOpinion)),
    used: used.map(({ itemId, rows }) => ({ itemId, occurredAt: rows[0].occurredAt })),
    skipped: skipped.map(({ itemId, rows }) => ({ itemId, times: rows.length })),
  }
}

type DistinctItem = { readonly itemId: string; readonly rows: [WindowRow, ...WindowRow[]] }

/** The newest distinct items, each with the rows that were read of it, newest first. */
async function newestItems(
  limit: number,
  readPage: (limit: number, after: InteractionPosition | null) => Promise<readonly WindowRow[]>,
): Promise<readonly DistinctItem[]> {
  const items = new Map<string, DistinctItem>()
  let after: InteractionPosition | null = null
  for (let read = 0; items.size < limit && read < limit * INTERACTIONS_PER_ITEM; read += limit) {
    const page = await readPage(limit, after)
    for (const row of page) {
      const { itemId } = row
      const known = items.get(itemId)
      if (known !== undefined) known.rows.push(row)
      else if (items.size < limit) items.set(itemId, { itemId, rows: [row] })
    }
    after = page.at(-1) ?? null
    if (page.length < limit) break
  }
  return [...items.values()]
}

function readOpinion({ itemId, type, occurredAt, hiddenCreator = null }: WindowRow): Opinion {
  const opinion = { itemId, type, occurredAt }
  return hiddenCreator === null ? opinion : { ...opinion, hiddenCreator }
}
