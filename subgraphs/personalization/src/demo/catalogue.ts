import type { Item } from '../domain/item.ts'
import { createDice, type Dice, shareOut } from './dice.ts'
import {
  ADJECTIVES,
  FIRST_NAMES,
  GENRES,
  MOMENTS,
  NOUNS,
  SURNAME_ENDS,
  SURNAME_STARTS,
  VERBS,
} from './words.ts'

export const DEMO_TRACKS = 2_000
export const DEMO_ARTISTS = 150
/** 2026-01-01T00:00:00Z: everything in the demo happens before it, whenever the demo is loaded. */
export const DEMO_END = Date.UTC(2026, 0, 1)

const DAY_MS = 86_400_000
const CATALOGUE_DAYS = 6 * 365
const LEAST_TRACKS = 5
const TRACKS_PER_ALBUM = 10
const UNAVAILABLE_SHARE = 0.02

export type Artist = {
  readonly name: string
  readonly genre: string
  /** A second genre that some of the tracks belong to as well; null for most. */
  readonly sideGenre: string | null
  /** Relative to the other artists; a few are much more popular than most. */
  readonly popularity: number
  readonly trackCount: number
}

export type DemoTrack = { readonly item: Item; readonly artist: number; readonly popularity: number }

export type DemoCatalogue = { readonly artists: readonly Artist[]; readonly tracks: readonly DemoTrack[] }

/** About 2,000 tracks of 150 invented artists in 12 genres; the same for the same seed, byte for byte. */
export function demoCatalogue(seed: number): DemoCatalogue {
  const artists = inventArtists(seed)
  const tracks: DemoTrack[] = []
  artists.forEach((artist, index) => {
    for (const track of inventTracks(artist, createDice(seed, `artist ${index}`))) {
      const id = `track-${String(tracks.length + 1).padStart(4, '0')}`
      tracks.push({ item: { id, ...track.item }, artist: index, popularity: track.popularity })
    }
  })
  return { artists, tracks }
}

function inventArtists(seed: number): readonly Artist[] {
  const dice = createDice(seed, 'artists')
  const names = distinct(DEMO_ARTISTS, () => artistName(dice))
  const popularity = names.map(() => dice.heavyTailed())
  const counts = shareOut(DEMO_TRACKS, popularity.map(Math.sqrt), LEAST_TRACKS)
  return names.map((name, index) => {
    const genre = GENRES[index % GENRES.length] ?? GENRES[0]
    const side = dice.chance(0.3) ? dice.pick(GENRES) : genre
    return {
      name,
      genre,
      sideGenre: side === genre ? null : side,
      popularity: popularity[index] ?? 1,
      trackCount: counts[index] ?? LEAST_TRACKS,
    }
  })
}

function inventTracks(
  artist: Artist,
  dice: Dice,
): readonly { readonly item: Omit<Item, 'id'>; readonly popularity: number }[] {
  const titles = distinct(artist.trackCount, () => trackTitle(dice))
  const albumCount = Math.ceil(artist.trackCount / TRACKS_PER_ALBUM)
  const albums = distinct(albumCount, () => trackTitle(dice)).map((name) => ({
    name,
    releasedAt: DEMO_END - (1 + dice.below(CATALOGUE_DAYS)) * DAY_MS,
  }))
  return titles.map((title, position) => {
    const album = albums[position % albums.length]
    const both = artist.sideGenre !== null && dice.chance(0.5)
    return {
      item: {
        title,
        creator: artist.name,
        categories: both && artist.sideGenre !== null ? [artist.genre, artist.sideGenre] : [artist.genre],
        available: !dice.chance(UNAVAILABLE_SHARE),
        availableFrom: null,
        availableUntil: null,
        markets: [],
        createdAt: album?.releasedAt ?? DEMO_END,
        attributes: { album: album?.name ?? title, durationSeconds: 120 + dice.below(240) },
      },
      // An artist's first tracks are the most popular (Zipf's law).
      popularity: 1 / (position + 2),
    }
  })
}

function artistName(dice: Dice): string {
  const kind = dice.below(4)
  if (kind === 0) return `The ${dice.pick(ADJECTIVES)} ${dice.pick(NOUNS)}s`
  if (kind === 1) return `${dice.pick(ADJECTIVES)} ${dice.pick(NOUNS)}`
  if (kind === 2) return `${dice.pick(NOUNS)} & ${dice.pick(NOUNS)}`
  return `${dice.pick(FIRST_NAMES)} ${dice.pick(SURNAME_STARTS)}${dice.pick(SURNAME_ENDS)}`
}

function trackTitle(dice: Dice): string {
  const kind = dice.below(5)
  if (kind === 0) return `${dice.pick(ADJECTIVES)} ${dice.pick(NOUNS)}`
  if (kind === 1) return `${dice.pick(NOUNS)} ${dice.pick(MOMENTS)}`
  if (kind === 2) return `${dice.pick(VERBS)} the ${dice.pick(NOUNS)}`
  if (kind === 3) return `${dice.pick(ADJECTIVES)} ${dice.pick(NOUNS)} ${dice.pick(MOMENTS)}`
  return `${dice.pick(VERBS)} Me ${dice.pick(MOMENTS)}`
}

function distinct(count: number, invent: () => string): readonly string[] {
  const names = new Set<string>()
  while (names.size < count) names.add(invent())
  return [...names]
}
