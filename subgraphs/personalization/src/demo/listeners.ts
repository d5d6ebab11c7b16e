import { derivedEventId, type InteractionType } from '@bulkhead/contracts'
import type { Interaction } from '../domain/interaction.ts'
import { DEMO_END, type DemoCatalogue, type DemoTrack, demoCatalogue } from './catalogue.ts'
import { createDice, createWeightedChoice, type Dice, shareOut } from './dice.ts'
import { GENRES } from './words.ts'

export const DEMO_LISTENERS = 500
export const DEMO_INTERACTIONS = 60_000

const DAYS = 90
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** The latest start of a session. A session takes less than 4 hours, so none ends after `DEMO_END`. */
const LAST_START_MS = DEMO_END - 4 * HOUR_MS
const LEAST_INTERACTIONS = 30
const FAVOURITE_GENRES = 2
/** Interest in genres that are not among a listener's favourites, which have about 1. */
const OTHER_GENRE = 0.02
/** Probability that a listener plays what is popular, whatever their taste. */
const CHART_SHARE = 0.15
/** A listener likes tracks of artists whose score is above FAN, and skips those of artists below STRANGER. */
const FAN = 2
const STRANGER = 0.2

/** What a listener is to the artist of a track. */
export type Liking = 'fan' | 'interested' | 'stranger'

/** The tastes from which the history of the demo's listeners is made, for those who simulate what they do next. */
export function demoLikings(seed: number): (userId: string, itemId: string) => Liking {
  const catalogue = demoCatalogue(seed)
  const artistOf = new Map(catalogue.tracks.map(({ item, artist }) => [item.id, artist]))
  const tastes = new Map<string, readonly number[]>()
  return (userId, itemId) => {
    const taste = tastes.get(userId) ?? inventTaste(catalogue, diceOf(seed, userId))
    tastes.set(userId, taste)
    const liking = taste[artistOf.get(itemId) ?? -1] ?? 0
    if (liking > FAN) return 'fan'
    return liking < STRANGER ? 'stranger' : 'interested'
  }
}

/** A listener's own; the taste is what it gives first. */
function diceOf(seed: number, userId: string): Dice {
  return createDice(seed, `listener ${userId}`)
}

/**
 * What 500 listeners did in the 90 days before `DEMO_END`, 60,000 interactions in all, one listener after the other.
 * Each listener has tastes (some genres, and some artists in them) that decide what they play, like, skip and hide;
 * everybody also plays what is popular. Generated as it is read; the same for the same seed.
 */
export function* demoInteractions(
  seed: number,
  catalogue: DemoCatalogue,
): Generator<Interaction, void, void> {
  const activity = createDice(seed, 'activity')
  const weights = Array.from({ length: DEMO_LISTENERS }, () => activity.heavyTailed())
  const counts = shareOut(DEMO_INTERACTIONS, weights, LEAST_INTERACTIONS)
  const charts = createWeightedChoice(
    catalogue.tracks.map((track) => track.popularity * (catalogue.artists[track.artist]?.popularity ?? 0)),
  )
  const discographies = catalogue.artists.map((_, artist) => discography(catalogue, artist))
  for (const [index, count] of counts.entries()) {
    const userId = `u${index + 1}`
    const dice = diceOf(seed, userId)
    const taste = inventTaste(catalogue, dice)
    const choose = createWeightedChoice(taste)
    let number = 0
    for (const { track, type, occurredAt } of actions()) {
      if (number === count) break
      number++
      const eventId = derivedEventId('demo', String(seed), userId, String(number))
      yield { eventId, userId, itemId: track.item.id, type, slateId: null, value: null, occurredAt }
    }

    function* actions(): Generator<{ track: DemoTrack; type: InteractionType; occurredAt: number }> {
      for (;;) {
        let occurredAt = sessionStart(dice)
        const length = 4 + dice.below(20)
        for (let n = 0; n < length; n++) {
          const track = dice.chance(CHART_SHARE)
            ? catalogue.tracks[charts(dice)]
            : discographies[choose(dice)]?.(dice)
          if (track === undefined) continue
          const liking = taste[track.artist] ?? 0
          for (const type of reactions(liking, dice)) {
            yield { track, type, occurredAt }
            occurredAt += 5_000 + dice.below(25_000)
          }
          occurredAt += 120_000 + dice.below(180_000)
        }
      }
    }
  }
}

/** How much the listener likes each artist, in the order of the catalogue. */
function inventTaste({ artists }: DemoCatalogue, dice: Dice): readonly number[] {
  const interest = new Map<string, number>()
  while (interest.size < FAVOURITE_GENRES) interest.set(dice.pick(GENRES), 0.4 + dice.next())
  const interestIn = (genre: string | null): number => interest.get(genre ?? '') ?? OTHER_GENRE
  return artists.map((artist) => {
    const genre = Math.max(interestIn(artist.genre), interestIn(artist.sideGenre) / 2)
    return genre * dice.heavyTailed() * Math.sqrt(artist.popularity)
  })
}

function discography({ tracks }: DemoCatalogue, artist: number): (dice: Dice) => DemoTrack | undefined {
  const own = tracks.filter((track) => track.artist === artist)
  const choose = createWeightedChoice(own.map((track) => track.popularity))
  return (dice) => own[choose(dice)]
}

/** Some day in the period, rather in the evening than in the morning. */
function sessionStart(dice: Dice): number {
  const day = dice.below(DAYS)
  const hour = Math.max(dice.next(), dice.next()) * 24
  return Math.min(LAST_START_MS, DEMO_END - (day + 1) * DAY_MS + Math.floor(hour * HOUR_MS))
}

function reactions(liking: number, dice: Dice): readonly InteractionType[] {
  const skip = liking > FAN ? 0.05 : liking < STRANGER ? 0.45 : 0.15
  if (dice.chance(skip)) return liking < STRANGER && dice.chance(0.1) ? ['SKIP', 'HIDE'] : ['SKIP']
  return dice.chance(liking > FAN ? 0.2 : 0.05) ? ['PLAY', 'LIKE'] : ['PLAY']
}
