import { describe, expect, test } from 'vitest'
import { sampleItem } from '../testing/samples/catalogue.ts'
import { isOffered, marketOf } from './availability.ts'

describe('isOffered', () => {
  const at = (now: number, market: string | null = null) => ({ now, market })

  test('from the first instant of the time window until before its last', () => {
    const item = sampleItem('i', { availableFrom: 10, availableUntil: 20 })
    expect([9, 10, 19, 20].map((now) => isOffered(item, at(now)))).toEqual([false, true, true, false])
    expect(isOffered(sampleItem('i', { availableFrom: 10 }), at(Number.MAX_SAFE_INTEGER))).toBe(true)
    expect(isOffered(sampleItem('i', { availableUntil: 20 }), at(Number.MIN_SAFE_INTEGER))).toBe(true)
  })

  test('in its markets only, and not where the market is unknown', () => {
    const item = sampleItem('i', { markets: ['NL', 'SE'] })
    expect(['NL', 'SE', 'DE', null].map((market) => isOffered(item, at(0, market)))).toEqual([
      true,
      true,
      false,
      false,
    ])
    expect(['DE', null].map((market) => isOffered(sampleItem('i'), at(0, market)))).toEqual([true, true])
  })

  test('not at all where it is not available', () => {
    expect(isOffered(sampleItem('i', { available: false, markets: ['NL'] }), at(0, 'NL'))).toBe(false)
  })
})

describe('the market of a request', () => {
  test('is its attribute market, or else its country', () => {
    expect(marketOf({ market: ' nl ', country: 'SE' })).toBe('NL')
    expect(marketOf({ country: 'se' })).toBe('SE')
    expect(marketOf({ market: '', country: 'SE' })).toBe('SE')
  })

  test('is unknown without either', () => {
    for (const attributes of [null, {}, { market: 7, country: ['SE'] }]) {
      expect(marketOf(attributes)).toBeNull()
    }
  })
})
