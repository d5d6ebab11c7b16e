import { readQaOverride } from '@bulkhead/contracts'
import { testIdentity } from '@bulkhead/service/testing/test-identity'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { verifyAudit } from '../services/audit-verification.ts'
import { NOON, sampleDraft } from '../testing/samples.ts'
import {
  errorCodes,
  keyring,
  query,
  startExperiment,
  startTestApp,
  type TestApp,
} from '../testing/test-app.ts'

let app: TestApp
beforeEach(async () => {
  app = await startTestApp()
})
afterEach(() => app.stop())

async function mutate(name: string, type: string, fields: string, input: Record<string, unknown>) {
  const document = `mutation ($input: ${type}!) { ${name}(input: $input) { ${fields} errors { code message path } } }`
  const answer = await query(app, document, { input })
  expect(answer.errors).toBeUndefined()
  return answer.data[name]
}

function createLayer(input: Record<string, unknown>) {
  return mutate('createLayer', 'LayerInput', 'layer { key name allocations { from to } }', input)
}

function saveGroup(values: unknown[], key = 'staff') {
  return mutate('saveGroup', 'SavedGroupInput', 'savedGroup { key version values }', {
    key,
    name: 'Staff',
    values,
  })
}

const TARGETING = `layer { key } layerRange { from to } condition forced { unit variantKey }
  prerequisites { experimentKey variantKeys } version`

function create(key: string, targeting: Record<string, unknown>) {
  const { variants } = sampleDraft()
  return mutate('createExperiment', 'CreateExperimentInput', `experiment { ${TARGETING} }`, {
    key,
    name: key,
    hypothesis: 'h',
    owner: 'ana',
    surfaces: [key],
    variants,
    ...targeting,
  })
}

/** Waits until the app serves the newest snapshot: `startExperiment` publishes as another replica does. */
async function newestIsServed(): Promise<void> {
  const latest = await app.store.latestSnapshot()
  await vi.waitFor(async () => {
    const { data } = await query(app, '{ assignments(unit: "u") { snapshotVersion } }')
    expect(data.assignments[0].snapshotVersion).toBe(latest?.version)
  })
}

async function assignmentsOf(unit: string, attributes: Record<string, unknown> = {}) {
  const document =
    'query ($unit: ID!, $attributes: JSON) { assignments(unit: $unit, attributes: $attributes) { experimentKey variantKey reason } }'
  const { data } = await query(app, document, { unit, attributes })
  return Object.fromEntries(
    data.assignments.map(({ experimentKey, reason }: Record<string, string>) => [experimentKey, reason]),
  )
}

test('an experiment shows the targeting that it was created with, and takes another', async () => {
  await createLayer({ key: 'ranking', name: 'Ranking' })
  await saveGroup(['u1', 2])
  const targeting = {
    condition: { country: 'NL', userId: { $inGroup: 'staff' } },
    forced: [{ unit: 'qa', variantKey: 'treatment' }],
    prerequisites: [{ experimentKey: 'mix', variantKeys: ['control'] }],
  }
  expect(await create('new', { layer: 'ranking', ...targeting })).toEqual({
    experiment: { ...targeting, layer: { key: 'ranking' }, layerRange: { from: 0, to: 1 }, version: 1 },
    errors: [],
  })
  const edit = { key: 'new', revision: 1, condition: {}, layerRange: { from: 0, to: 0.5 }, prerequisites: [] }
  expect(
    await mutate('updateExperiment', 'UpdateExperimentInput', `experiment { ${TARGETING} }`, edit),
  ).toMatchObject({
    experiment: { condition: null, layerRange: { from: 0, to: 0.5 }, prerequisites: [], forced: [{}] },
  })
  const found = await query(app, '{ experiments(filter: { layer: "ranking" }) { nodes { key } totalCount } }')
  expect(found.data.experiments).toEqual({ nodes: [{ key: 'new' }], totalCount: 1 })
})

test('problems of a condition come as INVALID_INPUT with their paths', async () => {
  const condition = { $or: [{ a: { $never: 1 } }], userId: { $inGroup: 'nobody' } }
  expect((await create('new', { condition, layer: 'none' })).errors).toMatchObject([
    { code: 'INVALID_INPUT', path: ['layer'] },
    { code: 'INVALID_INPUT', path: ['condition', '$or', '0', 'a', '$never'] },
    {
      code: 'INVALID_INPUT',
      path: ['condition', 'userId', '$inGroup'],
      message: 'condition.userId.$inGroup there is no saved group "nobody".',
    },
  ])
})

test('a layer shows who holds what and what is free, and its conflicts name the holder', async () => {
  expect(await createLayer({ key: 'ranking', name: 'Ranking' })).toEqual({
    layer: { key: 'ranking', name: 'Ranking', allocations: [{ from: 0, to: 1 }] },
    errors: [],
  })
  expect((await createLayer({ key: 'ranking', name: 'R' })).errors).toMatchObject([{ path: ['key'] }])
  await startExperiment(app, {
    key: 'first',
    surfaces: ['x'],
    layer: 'ranking',
    layerRange: { from: 0.25, to: 0.5 },
  })
  const { data } = await query(app, '{ layers { key allocations { from to experiment { key } } } }')
  expect(data.layers).toEqual([
    {
      key: 'ranking',
      allocations: [
        { from: 0, to: 0.25, experiment: null },
        { from: 0.25, to: 0.5, experiment: { key: 'first' } },
        { from: 0.5, to: 1, experiment: null },
      ],
    },
  ])
  // Beside it, two experiments of one layer may set the same parameter on the same surface.
  await startExperiment(app, { key: 'second', surfaces: ['x'], layer: 'ranking' })
  const range = await query(app, '{ experiment(key: "second") { layerRange { from to } } }')
  expect(range.data.experiment.layerRange).toEqual({ from: 0.5, to: 1 })
  const widen = { key: 'first', revision: 4, layerRange: { from: 0.25, to: 0.5001 } }
  expect(await mutate('updateExperiment', 'UpdateExperimentInput', 'experiment { key }', widen)).toEqual({
    experiment: null,
    errors: [
      {
        code: 'LAYER_CONFLICT',
        message: '"second" holds 0.5 to 1 of the layer "ranking".',
        path: ['layerRange'],
      },
    ],
  })
})

test('assignments say TARGETING, LAYER and HOLDOUT, with the groups of the snapshot', async () => {
  await createLayer({ key: 'ranking', name: 'Ranking' })
  await saveGroup(['u1'])
  const condition = { userId: { $inGroup: 'staff' } }
  await startExperiment(app, { key: 'staff-only', surfaces: ['a'], condition })
  await startExperiment(app, {
    key: 'half',
    surfaces: ['b'],
    layer: 'ranking',
    layerRange: { from: 0, to: 0.5 },
  })
  await startExperiment(app, { key: 'dutch', surfaces: ['c'], condition: { country: 'NL' } })
  await newestIsServed()
  expect(await assignmentsOf('u1', { country: 'NL' })).toMatchObject({
    'staff-only': 'BUCKETED',
    dutch: 'BUCKETED',
  })
  expect(await assignmentsOf('u2', { country: 'BE' })).toMatchObject({
    'staff-only': 'TARGETING',
    dutch: 'TARGETING',
  })
  await saveGroup(['u2'])
  expect(await assignmentsOf('u2')).toMatchObject({ 'staff-only': 'BUCKETED' })
  const units = Array.from({ length: 40 }, (_, index) => `unit-${index}`)
  const reasons = await Promise.all(units.map(async (unit) => (await assignmentsOf(unit)).half))
  expect(new Set(reasons)).toEqual(new Set(['BUCKETED', 'LAYER']))

  const before = (await app.store.latestSnapshot())?.version ?? 0
  const input = { key: 'ranking', name: 'Ranking', share: 0.9, layers: ['ranking'] }
  const fields = 'holdout { key share layers { key } }'
  expect(await mutate('createHoldout', 'HoldoutInput', fields, input)).toEqual({
    holdout: { key: 'ranking', share: 0.9, layers: [{ key: 'ranking' }] },
    errors: [],
  })
  const held = await Promise.all(units.map(assignmentsOfUnit))
  expect(held.filter(({ half }) => half === 'HOLDOUT').length).toBeGreaterThan(30)
  expect(held.every(({ mix }) => mix === 'BUCKETED')).toBe(true)
  const { data } = await query(app, '{ holdouts { key } assignments(unit: "u") { snapshotVersion } }')
  expect(data.holdouts).toEqual([{ key: 'ranking' }])
  expect(data.assignments[0].snapshotVersion).toBe(before + 1)
})

function assignmentsOfUnit(unit: string) {
  return assignmentsOf(unit)
}

test('groups are listed at their newest version, and stay while a stopped experiment needs them', async () => {
  expect((await saveGroup(['u1', true])).errors).toMatchObject([
    { code: 'INVALID_INPUT', path: ['values', '1'] },
  ])
  await saveGroup(['u1'])
  await startExperiment(app, {
    key: 'staff-only',
    surfaces: ['a'],
    condition: { userId: { $inGroup: 'staff' } },
  })
  expect(await saveGroup(['u1', 'u2'])).toMatchObject({ savedGroup: { version: 2, values: ['u1', 'u2'] } })
  await app.experiments.step({ key: 'staff-only', action: 'stop', revision: 4, reason: 'r', by: 'ana' })
  expect(await saveGroup([])).toEqual({
    savedGroup: null,
    errors: [
      { code: 'SAVED_GROUP_IN_USE', message: 'Stopped experiments target by it: staff-only.', path: ['key'] },
    ],
  })
  const { data } = await query(app, '{ savedGroups { key version values } }')
  expect(data.savedGroups).toEqual([{ key: 'staff', version: 2, values: ['u1', 'u2'] }])
})

test('a plan keeps the version of the list that it excludes, whatever the group becomes', async () => {
  await saveGroup(['robot-1'], 'robots')
  const fields = 'experiment { plan { hash exclusions { savedGroup version } } }'
  const withList = (key: string, version: number) =>
    mutate('createExperiment', 'CreateExperimentInput', fields, {
      key,
      name: 'N',
      hypothesis: 'H',
      owner: 'O',
      variants: sampleDraft().variants,
      plan: { exclusions: [{ savedGroup: 'robots', version }] },
    })
  const exclusions = [{ savedGroup: 'robots', version: 1 }]
  const created = await withList('listed', 1)
  expect(created.experiment.plan).toEqual({ hash: expect.any(String), exclusions })
  expect((await withList('early', 2)).errors).toEqual([
    {
      code: 'INVALID_INPUT',
      message: expect.stringContaining('1 to 1'),
      path: ['plan', 'exclusions', '0', 'version'],
    },
  ])
  await saveGroup(['robot-1', 'robot-2'], 'robots')
  const { data } = await query(app, `{ ${fields.replace('experiment', 'experiment(key: "listed")')} }`)
  expect(data.experiment.plan).toEqual(created.experiment.plan)
})

test('what an experiment needs has to run', async () => {
  const prerequisites = [{ experimentKey: 'later' }]
  await expect(startExperiment(app, { key: 'new', surfaces: ['x'], prerequisites })).rejects.toThrow(
    'missing',
  )
  const start =
    'mutation { startExperiment(input: { key: "new", revision: 3, reason: "r" }) { errors { code message } } }'
  expect((await query(app, start)).data.startExperiment.errors).toEqual([
    {
      code: 'PREREQUISITE_UNRESOLVABLE',
      message: 'It needs what is not running, or variants that are not there: later.',
    },
  ])
  await startExperiment(app, { key: 'later', surfaces: ['y'] })
  expect((await query(app, start)).data.startExperiment.errors).toEqual([])
})

test('a QA override is signed for one unit, holds for some minutes, and is in the audit log', async () => {
  const input = { experimentKey: 'mix', variantKey: 'treatment', unit: 'tester', minutes: 5 }
  const { token, expiresAt, errors } = await mutate('qaOverride', 'QaOverrideInput', 'token expiresAt', input)
  expect(errors).toEqual([])
  const expected = new Date(NOON + 300_000).toISOString()
  expect(expiresAt).toBe(expected)
  expect(readQaOverride(token, keyring, NOON)).toEqual({
    type: 'override',
    override: { experimentKey: 'mix', variantKey: 'treatment', unit: 'tester', expiresAt: expected },
  })
  expect(readQaOverride(token, keyring, NOON + 300_000)).toEqual({ type: 'refused', code: 'EXPIRED' })
  const { data } = await query(
    app,
    '{ auditLog(filter: { subject: "qaOverride:mix" }) { nodes { by action after } } }',
  )
  expect(data.auditLog.nodes).toEqual([
    {
      by: testIdentity().subject,
      action: 'qaOverride',
      after: { variantKey: 'treatment', unit: 'tester', expiresAt: expected },
    },
  ])
  const wrong = { experimentKey: 'mix', variantKey: 'none', unit: '', minutes: 10_081 }
  const refused = await mutate('qaOverride', 'QaOverrideInput', 'token', wrong)
  expect(refused.errors.map(({ path }: { path: string[] }) => path.join())).toEqual([
    'variantKey',
    'unit',
    'minutes',
  ])
  expect(
    (await mutate('qaOverride', 'QaOverrideInput', 'token', { ...input, experimentKey: 'none' })).errors,
  ).toMatchObject([{ path: ['experimentKey'] }])
})

test('every change is in a log that verifies', async () => {
  await createLayer({ key: 'ranking', name: 'Ranking' })
  await saveGroup(['u1'])
  await saveGroup(['u2'])
  await mutate('createHoldout', 'HoldoutInput', 'holdout { key }', { key: 'all', name: 'All', share: 0.01 })
  await mutate('qaOverride', 'QaOverrideInput', 'token', {
    experimentKey: 'mix',
    variantKey: 'control',
    unit: 'u',
  })
  await startExperiment(app, { key: 'new', surfaces: ['x'], layer: 'ranking' })
  const { data } = await query(app, '{ auditLog(first: 100) { nodes { action subject } } }')
  expect(
    data.auditLog.nodes.map(({ action, subject }: Record<string, string>) => `${action} ${subject}`),
  ).toEqual(
    expect.arrayContaining([
      'createLayer layer:ranking',
      'saveGroup savedGroup:staff',
      'createHoldout holdout:all',
      'qaOverride qaOverride:mix',
    ]),
  )
  expect((await verifyAudit(app.store)).problems).toEqual([])
})

test('reading needs experiments:read, and writing experiments:write', async () => {
  const none = testIdentity('ana', [])
  for (const field of ['layers { key }', 'holdouts { key }', 'savedGroups { key }']) {
    expect(errorCodes(await query(app, `{ ${field} }`, {}, none))).toEqual(['FORBIDDEN'])
  }
  const reader = testIdentity('ana', ['experiments:read'])
  for (const field of [
    'createLayer(input: { key: "a", name: "A" }) { errors { code } }',
    'createHoldout(input: { key: "a", name: "A", share: 0.1 }) { errors { code } }',
    'saveGroup(input: { key: "a", name: "A", values: [] }) { errors { code } }',
    'qaOverride(input: { experimentKey: "mix", variantKey: "control", unit: "u" }) { token }',
  ]) {
    expect(errorCodes(await query(app, `mutation { ${field} }`, {}, reader))).toEqual(['FORBIDDEN'])
  }
  const { entries } = await app.store.findAuditEntries({ filter: {}, limit: 100, after: 0 })
  expect(entries.map(({ subject }) => subject)).toEqual(Array(4).fill('experiment:mix'))
})
