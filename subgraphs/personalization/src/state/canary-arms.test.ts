import { expect, test } from 'vitest'
import { canaryArmOf } from '../domain/canary/canary-share.ts'
import type { LoadedModel } from '../domain/pipeline/query.ts'
import { sampleFailingModel, sampleRankingModel } from '../testing/samples/models.ts'
import { sampleRefresh, sampleShipped } from '../testing/samples/refreshes.ts'
import { createCanaryArms } from './canary-arms.ts'
import { createLoadedModels } from './loaded-models.ts'

const SHIPPED = sampleShipped('ease-v2')
const CHAMPION: LoadedModel = { version: SHIPPED, model: sampleRankingModel(['a', 'b']) }
const CANARY: LoadedModel = {
  version: sampleRefresh('ease-v3', SHIPPED, { stage: 'EXPERIMENT' }),
  model: sampleRankingModel(['c', 'd', 'e']),
}
const USERS = Array.from({ length: 400 }, (_, n) => `u${n}`)

function startedWith(canary: LoadedModel | null, production: LoadedModel | null = CHAMPION, share = 0.1) {
  const models = createLoadedModels()
  const put = (loaded: LoadedModel | null, inCanary: LoadedModel | null) =>
    models.replace({
      production: loaded,
      previous: null,
      pinned: [],
      canary: inCanary,
      unloadable: new Set(),
    })
  put(production, canary)
  const arms = createCanaryArms({ models, share, producer: 'p1', now: () => 7, cpuMs: () => 0 })
  return { put, models, arms, served: () => USERS.map((user) => arms.modelFor(user)?.version.id ?? null) }
}

test('the share of listeners gets the canary, as many others count beside it, and nobody else takes part', () => {
  const { arms, served } = startedWith(CANARY)
  const ids = { canary: 'ease-v3', champion: 'ease-v2' }
  expect(served()).toEqual(
    USERS.map((user) => {
      const arm = canaryArmOf('ease-v3', user, 0.1)
      return arm === null ? null : ids[arm]
    }),
  )
  expect(arms.counted()).toBeNull()
  for (const user of USERS) arms.modelFor(user)?.model.recommend([], 200)
  expect(arms.counted()).toMatchObject({
    versionId: 'ease-v3',
    source: 'p1 7',
    counts: {
      championId: 'ease-v2',
      since: 7,
      canary: { lists: served().filter((id) => id === 'ease-v3').length, failed: 0 },
      champion: { lists: served().filter((id) => id === 'ease-v2').length, failed: 0 },
    },
  })
})

test('failures and empty lists count, those that filters have emptied do not', () => {
  const failing = { ...CANARY, model: sampleFailingModel() }
  const { arms } = startedWith(failing, CHAMPION, 0.5)
  const [first = ''] = USERS.filter((user) => canaryArmOf('ease-v3', user, 0.5) === 'canary')
  expect(() => arms.modelFor(first)?.model.recommend([], 200)).toThrow('broken')
  const [other = ''] = USERS.filter((user) => canaryArmOf('ease-v3', user, 0.5) === 'champion')
  arms.modelFor(other)?.model.recommend([], 200, () => false)
  expect(arms.counted()?.counts).toMatchObject({ canary: { lists: 1, failed: 1 }, champion: { lists: 0 } })
})

test.each<[string, LoadedModel | null, LoadedModel | null]>([
  ['there is no canary', null, CHAMPION],
  ['nothing is in production', CANARY, null],
  ['another line is in production', CANARY, { ...CHAMPION, version: sampleShipped('ease-v9') }],
])('while %s nobody takes part', (_, canary, production) => {
  const { arms, served } = startedWith(canary, production)
  expect(served()).toEqual(USERS.map(() => null))
  expect(arms.counted()).toBeNull()
})

test('beside another champion it is counted anew, and after its end no more', () => {
  const { put, arms } = startedWith(CANARY, CHAMPION, 0.5)
  for (const user of USERS) arms.modelFor(user)?.model.recommend([], 200)
  const next = { ...CHAMPION, version: sampleRefresh('ease-v1', SHIPPED, { stage: 'PRODUCTION' }) }
  put(next, CANARY)
  arms.modelFor('u1')?.model.recommend([], 200)
  const { championId, canary, champion } = arms.counted()?.counts ?? expect.unreachable()
  expect([championId, canary.lists + champion.lists]).toEqual(['ease-v1', 1])
  put(next, null)
  expect(arms.counted()).toBeNull()
})

test('a rollback takes effect at once, on those whom the canary is compared with too', () => {
  const { models, served } = startedWith(CANARY, CHAMPION, 0.5)
  models.putInProduction({ ...CHAMPION, version: sampleShipped('ease-v0') })
  expect(served()).toEqual(USERS.map(() => null))
})
