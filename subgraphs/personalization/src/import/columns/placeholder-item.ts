import type { Item } from '../../domain/item.ts'
import { UNKNOWN_TIME } from './interaction-row.ts'

/**
 * An item that appears in interactions but not in the catalogue. It can be recommended; its title is its id until it is
 * imported.
 */
export function placeholderItem(id: string): Item {
  return {
    id,
    title: id,
    creator: null,
    categories: [],
    available: true,
    availableFrom: null,
    availableUntil: null,
    markets: [],
    createdAt: UNKNOWN_TIME,
    attributes: null,
  }
}
