import type { Interaction } from '@bulkhead/personalization/domain/interaction'
import type { Item } from '@bulkhead/personalization/domain/item'
import { unitOf } from '../harness/load.ts'

/** Interactions of each user. */
export const INTERACTIONS_PER_USER = 10
const CREATORS = 1_000
/** Of items; each user likes one. */
const GENRES = 20
/** One draw of so many is from all genres. */
const STRAYING = 4
/** So that some items have many listeners and most have few, as in every catalogue. */
const SKEW = 3
const NEWEST = Date.UTC(2026, 0, 1)
const MINUTE_MS = 60_000
/** The fractional part of the golden ratio spreads consecutive numbers evenly over [0, 1). */
const SPREAD = 0.618_033_988_749_895

export function itemIdAt(index: number): string {
  return `item-${String(index).padStart(8, '0')}`
}

export function itemAt(index: number): Item {
  return {
    id: itemIdAt(index),
    title: `Track ${index} of the catalogue`,
    creator: `creator-${index % CREATORS}`,
    categories: [`genre-${index % GENRES}`],
    available: true,
    availableFrom: null,
    availableUntil: null,
    markets: [],
    createdAt: NEWEST - index * MINUTE_MS,
    attributes: null,
  }
}

/**
 * What a user listened to: the same each time, and different for each user. Three of four items are of their genre:
 * without tastes there would be nothing to learn but what is popular.
 */
export function interactionsOf(user: number, items: number): Interaction[] {
  return Array.from({ length: INTERACTIONS_PER_USER }, (_, n) => {
    const place = user * INTERACTIONS_PER_USER + n
    const drawn = Math.floor(((place * SPREAD) % 1) ** SKEW * items)
    const strays = n % STRAYING === STRAYING - 1
    const item = strays ? drawn : drawn - (drawn % GENRES) + (user % GENRES)
    return {
      eventId: `listened-${place}`,
      userId: unitOf(user),
      itemId: itemIdAt(item),
      type: 'PLAY',
      slateId: null,
      value: null,
      occurredAt: NEWEST + place,
    }
  })
}
