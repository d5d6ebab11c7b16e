import { expect, test } from 'vitest'
import { EMPTY_PLAN } from '../domain/plan/analysis-plan.ts'
import { UNTARGETED } from '../domain/targeting/rules.ts'
import { sampleExperiment, sampleInteraction, sampleSnapshot } from '../testing/samples.ts'
import { readEvent, readExperiment, readSnapshot } from './stored-json.ts'

test('fields that a newer release wrote are kept', () => {
  const text = JSON.stringify({ ...sampleSnapshot(1), newerField: { $a: 1 } })
  expect(JSON.stringify(readSnapshot(text))).toBe(text)
})

test('a text that does not match is an error that says what is wrong', () => {
  const { owner: _, ...withoutOwner } = sampleExperiment({ key: 'mix' })
  expect(() => readExperiment(JSON.stringify(withoutOwner))).toThrow(
    /the stored experiment cannot be read: [\s\S]*owner/,
  )
})

/** Never changed: datastores hold such texts. A field that joined later is missing here, so it has to be optional. */
const FIRST_RELEASE = `{"key":"mix","name":"Mix","hypothesis":"More is played.","owner":"ana","status":"STOPPED","revision":3,
  "version":1,"unitType":"userId","surfaces":["home"],"coverage":1,"exposureTrigger":"SERVE","variants":[
    {"key":"control","name":"Control","weight":0.5,"payload":null,"isControl":true},
    {"key":"treatment","name":"Treatment","weight":0.5,"payload":{"exploration":{"epsilon":0.1}},"isControl":false}
  ],"createdAt":1767571200000,"startedAt":1767571201000,"stoppedAt":1767571202000,"history":[
    {"from":"DRAFT","to":"RUNNING","at":1767571201000,"reason":"ready"},
    {"from":"RUNNING","to":"STOPPED","at":1767571202000,"reason":"enough"}
  ]}`

test('an experiment that the first release stored can still be read', () => {
  const stored = JSON.parse(FIRST_RELEASE)
  expect(readExperiment(FIRST_RELEASE)).toEqual({
    ...stored,
    kind: 'STANDARD',
    ...UNTARGETED,
    holdbackOf: null,
    createdBy: 'unknown',
    authors: ['unknown'],
    metrics: [],
    plan: EMPTY_PLAN,
    reviews: [],
    startQuorum: null,
    versions: [
      {
        version: 1,
        since: stored.startedAt,
        variants: stored.variants,
        ramp: [{ at: stored.startedAt, coverage: 1 }],
      },
    ],
    decision: null,
    history: stored.history.map((change: object) => ({ ...change, by: 'unknown' })),
  })
})

test('interactions that earlier releases stored have exact values too', () => {
  const stored = (value: unknown) => {
    const event = readEvent(JSON.stringify({ ...sampleInteraction(), value }))
    return event.kind === 'interaction' ? event.value : undefined
  }
  expect([187.5, 0.1 + 0.2, null, 1e13].map(stored)).toEqual([187_500_000n, 300_000n, null, null])
})
