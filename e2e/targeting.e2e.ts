import { expect, test } from 'vitest'
import { describeOnBoth, shareStack } from './harness/datastores.ts'
import { counted, delivered } from './harness/exposures.ts'
import type { Stack } from './harness/stack.ts'

const LISTENERS = Array.from({ length: 30 }, (_, index) => `u${index + 1}`)

const SLATE = /* GraphQL */ `
  query ($userId: ID!, $surface: String!, $attributes: JSON, $qaOverrides: [String!]! = []) {
    recommendations(
      userId: $userId, surface: $surface, size: 10, attributes: $attributes, qaOverrides: $qaOverrides
    ) {
      items { edges { source } }
      exposures { experimentKey variantKey }
    }
  }
`

const ASSIGNMENTS = /* GraphQL */ `
  query ($unit: ID!, $attributes: JSON) {
    assignments(unit: $unit, attributes: $attributes) { experimentKey variantKey reason }
  }
`

type Mutation = readonly [name: string, type: string, fields?: string]

const CREATE_LAYER: Mutation = ['createLayer', 'LayerInput']
const CREATE_HOLDOUT: Mutation = ['createHoldout', 'HoldoutInput']
const SAVE_GROUP: Mutation = ['saveGroup', 'SavedGroupInput']
const CREATE_EXPERIMENT: Mutation = ['createExperiment', 'CreateExperimentInput']
const START: Mutation = ['startExperiment', 'ExperimentActionInput']
const QA_OVERRIDE: Mutation = ['qaOverride', 'QaOverrideInput', 'token']

describeOnBoth('targeting', (acquire) => {
  let stack: Stack
  shareStack(acquire, (started) => {
    stack = started
  })

  /** Calls a mutation, and waits until personalization has the snapshot that shows it. */
  async function mutate([name, type, fields = '']: Mutation, input: Record<string, unknown>) {
    const { data, errors } = await stack.query(
      `mutation ($input: ${type}!) { ${name}(input: $input) { ${fields} errors { code message } } }`,
      { input },
    )
    expect(errors).toEqual([])
    await stack.snapshotArrives()
    return data[name]
  }

  /** Starts an experiment whose treatment is slates with popular items only. */
  async function start(key: string, surface: string, targeting: Record<string, unknown>) {
    const variant = { name: 'n', weight: 0.5 }
    const sources = (name: string) => ({ sources: [{ name, weight: 1 }] })
    const created = await mutate(CREATE_EXPERIMENT, {
      key,
      name: key,
      hypothesis: 'What is popular is played more.',
      owner: 'e2e',
      surfaces: [surface],
      plan: { noAnalysis: true },
      variants: [
        { ...variant, key: 'control', isControl: true, payload: sources('model') },
        { ...variant, key: 'treatment', payload: sources('popular') },
      ],
      ...targeting,
    })
    expect(created.errors).toEqual([])
    return mutate(START, { key, revision: 1, reason: 'end-to-end test' })
  }

  async function slate(userId: string, surface: string, more: Record<string, unknown> = {}) {
    const { data, errors } = await stack.query(SLATE, { userId, surface, ...more })
    expect(errors).toEqual([])
    const { items, exposures } = data.recommendations
    return {
      exposed: exposures.map(
        ({ experimentKey, variantKey }: Record<string, string>) => `${experimentKey} ${variantKey}`,
      ),
      sources: [...new Set(items.edges.map(({ source }: { source: string }) => source))],
    }
  }

  async function reasons(unit: string, attributes: Record<string, unknown>): Promise<Record<string, string>> {
    const { data, errors } = await stack.query(ASSIGNMENTS, { unit, attributes })
    expect(errors).toEqual([])
    return Object.fromEntries(
      data.assignments.map(({ experimentKey, reason }: Record<string, string>) => [experimentKey, reason]),
    )
  }

  test('two experiments share a layer, one of them by country, a holdout is in neither, and testers see a variant', async () => {
    const surface = 'targeting'
    expect((await mutate(CREATE_LAYER, { key: 'mixes', name: 'Mixes' })).errors).toEqual([])
    const dutchHalf = { layer: 'mixes', layerRange: { from: 0, to: 0.5 }, condition: { country: 'NL' } }
    expect((await start('dutch-half', surface, dutchHalf)).errors).toEqual([])
    const overlap = { layer: 'mixes', layerRange: { from: 0.4999, to: 1 } }
    expect((await start('overlapping', surface, overlap)).errors).toEqual([
      { code: 'LAYER_CONFLICT', message: '"dutch-half" holds 0 to 0.5 of the layer "mixes".' },
    ])
    // What is free: the other half. Both set the same parameter on the same surface.
    expect((await start('other-half', surface, { layer: 'mixes' })).errors).toEqual([])
    const layers = await stack.query('{ layers { key allocations { from to experiment { key } } } }')
    expect(layers.errors).toEqual([])
    expect(layers.data.layers).toEqual([
      {
        key: 'mixes',
        allocations: [
          { from: 0, to: 0.5, experiment: { key: 'dutch-half' } },
          { from: 0.5, to: 1, experiment: { key: 'other-half' } },
        ],
      },
    ])
    const holdout = { key: 'mixes', name: 'Without mixes', share: 0.3, layers: ['mixes'] }
    expect((await mutate(CREATE_HOLDOUT, holdout)).errors).toEqual([])

    const seen = new Map<string, string[]>()
    for (const listener of LISTENERS) {
      const attributes = { country: 'NL' }
      const { exposed, sources } = await slate(listener, surface, { attributes })
      const said = await reasons(listener, attributes)
      const [one = 'nothing', ...more] = exposed.map((text: string) => text.split(' ')[0])
      expect(more).toEqual([])
      expect(Object.keys(said).filter((key) => key.endsWith('-half') && said[key] === 'BUCKETED')).toEqual(
        one === 'nothing' ? [] : [one],
      )
      if (one === 'nothing') expect(said).toMatchObject({ 'dutch-half': 'HOLDOUT', 'other-half': 'HOLDOUT' })
      else expect(sources).toEqual([exposed[0].endsWith('treatment') ? 'popular' : 'model'])
      seen.set(one, [...(seen.get(one) ?? []), listener])
    }
    expect([...seen.keys()].sort()).toEqual(['dutch-half', 'nothing', 'other-half'])

    for (const listener of seen.get('dutch-half') ?? []) {
      expect(await slate(listener, surface, { attributes: { country: 'BE' } })).toMatchObject({ exposed: [] })
      expect(await reasons(listener, { country: 'BE' })).toMatchObject({ 'dutch-half': 'TARGETING' })
    }
    await delivered(stack)
    const before = await counted(stack, 'dutch-half')
    expect(before.exposures).toBe(seen.get('dutch-half')?.length)

    // Even somebody who is held out, and in another country, can look at it.
    const [tester = ''] = seen.get('nothing') ?? []
    const override = { experimentKey: 'dutch-half', variantKey: 'treatment', unit: tester, minutes: 5 }
    const { token, errors } = await mutate(QA_OVERRIDE, override)
    expect(errors).toEqual([])
    expect(await slate(tester, surface, { qaOverrides: [token] })).toEqual({
      exposed: ['dutch-half treatment'],
      sources: ['popular'],
    })
    const refused = await stack.query(SLATE, {
      userId: LISTENERS.find((one) => one !== tester),
      surface,
      qaOverrides: [token],
    })
    expect(refused.errors).toMatchObject([
      { message: '`qaOverrides.0` is for another user.', extensions: { code: 'BAD_USER_INPUT' } },
    ])
    await delivered(stack)
    expect(await counted(stack, 'dutch-half')).toEqual(before)
  })

  test('a saved group that is replaced targets others at once', async () => {
    const surface = 'targeting-groups'
    const [first = '', second = ''] = LISTENERS
    const group = (values: string[]) => ({ key: 'insiders', name: 'Insiders', values })
    await mutate(SAVE_GROUP, group([first]))
    const condition = { userId: { $inGroup: 'insiders' } }
    expect((await start('insiders-only', surface, { condition })).errors).toEqual([])
    const included = async () => {
      const slates = await Promise.all([first, second].map((listener) => slate(listener, surface)))
      return slates.map(({ exposed }) => exposed.length)
    }
    expect(await included()).toEqual([1, 0])
    expect((await mutate(SAVE_GROUP, group([second]))).errors).toEqual([])
    expect(await included()).toEqual([0, 1])
  })
})
