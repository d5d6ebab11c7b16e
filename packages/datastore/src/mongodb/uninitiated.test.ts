import { MongoServerSelectionError, type TopologyDescription } from 'mongodb'
import { expect, test } from 'vitest'
import { uninitiatedServer } from './uninitiated.ts'

/** What the driver rejects with when it found no primary: all it knows of each host, here as far as we read it. */
function noPrimary(types: Record<string, string>): MongoServerSelectionError {
  const servers = new Map(Object.entries(types).map(([address, type]) => [address, { address, type }]))
  return new MongoServerSelectionError('no primary', { servers } as unknown as TopologyDescription)
}

test.each([
  ['the one host has no replica set', 'a:1', { 'a:1': 'RSGhost' }],
  [
    'another host is away, and may belong to a replica set',
    undefined,
    { 'a:1': 'Unknown', 'b:1': 'RSGhost' },
  ],
  ['every host is away', undefined, { 'a:1': 'Unknown' }],
  ['another host belongs to a replica set', undefined, { 'a:1': 'RSGhost', 'b:1': 'RSSecondary' }],
  ['a replica set has lost its primary', undefined, { 'a:1': 'RSSecondary' }],
])('where %s, the server to initiate is %s', (_, address, types) => {
  expect(uninitiatedServer(noPrimary(types))).toBe(address)
})

test('any other failure is not about the replica set', () => {
  expect(uninitiatedServer(new Error('Authentication failed'))).toBeUndefined()
})
