import { expect, test } from 'vitest'
import { deliverParts } from './deferred-parts.ts'

test('the last part may end while the client takes the chunk before it', async () => {
  const ended = new Set<number | null>([0])
  const part = (key: string) => ({
    label: key,
    queryPath: [],
    path: [],
    selection: null,
    parent: null,
    project: () => ({ [key]: 1 }),
  })
  const chunks = deliverParts({
    operation: {
      plan: { fetches: [], deferred: [] },
      introspect: null,
      initial: (data) => data,
      parts: [part('a'), part('b')],
      clientKeys: new Map(),
      verbatim: () => null,
      prepareVerbatim: () => undefined,
    },
    run: { hasEnded: (index) => ended.has(index), ended: async () => [] },
    data: {},
    view: {},
    requestId: 'request-0001',
  })
  expect(await chunks.next()).toMatchObject({ value: { incremental: [{ label: 'a' }], hasNext: true } })
  ended.add(1)
  expect(await chunks.next()).toMatchObject({ value: { incremental: [{ label: 'b' }], hasNext: false } })
  expect(await chunks.next()).toEqual({ value: undefined, done: true })
})
