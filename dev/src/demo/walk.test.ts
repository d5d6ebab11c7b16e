import { expect, test } from 'vitest'
import type { DemoClients } from './clients.ts'
import { STEPS } from './walk.ts'

/** Whatever it is asked, these are its answers. */
function answering(fields: Readonly<Record<string, unknown>>): DemoClients['author'] {
  return { run: async (_, __, schema) => schema.parse(fields) }
}

function training(fields: Readonly<Record<string, unknown>>) {
  const client = answering(fields)
  const progress = { challenger: '', champion: '' }
  const clock = { file: '', now: () => 0, hasArrived: () => true, nextDay() {}, remove() {} }
  const walk = {
    clients: { author: client, reviewer: client, listeners: client },
    clock,
    personalization: async () => 'Model ease-v7 of …',
    signal: new AbortController().signal,
  }
  const said = STEPS.find(({ name }) => name === 'training')?.run(walk, progress)
  return { said, progress }
}

test('the challenger is compared with whatever version serves', async () => {
  const { said, progress } = training({ experiment: null, modelVersions: { nodes: [{ id: 'other-v3' }] } })
  expect(await said).toMatch(/^ease-v7 challenges other-v3: /)
  expect(progress).toEqual({ challenger: 'ease-v7', champion: 'other-v3' })
})

test('a walk that goes on has the versions that its experiment pins, whatever serves by now', async () => {
  const variant = (key: string, isControl: boolean, modelVersionId: string) => ({
    ...{ key, isControl, payload: { modelVersionId } },
  })
  const variants = [variant('control', true, 'other-v3'), variant('challenger', false, 'ease-v7')]
  const about = { status: 'RUNNING', revision: 1, startedAt: null, results: null, decision: null }
  const { said, progress } = training({ experiment: { ...about, variants } })
  expect([await said, progress]).toEqual([null, { challenger: 'ease-v7', champion: 'other-v3' }])
})

test('without a model in production there is nothing to challenge', async () => {
  const { said } = training({ experiment: null, modelVersions: { nodes: [] } })
  await expect(said).rejects.toThrow('no model is in production')
})
