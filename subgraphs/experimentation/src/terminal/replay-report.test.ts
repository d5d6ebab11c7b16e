import { expect, test } from 'vitest'
import type { Replay } from '../services/analyses/replay.ts'
import { replayReport } from './replay-report.ts'

const EQUAL: Replay = {
  id: 'a1',
  experimentKey: 'mix',
  equal: true,
  intact: true,
  hash: 'a1',
  differing: [],
  codeVersion: { stored: '1', now: '1' },
  inputsErased: 0,
  logBegins: 0,
}

test('an equal replay takes two lines', () => {
  expect(replayReport(EQUAL)).toBe('analysis a1 of mix: equal\ninputs erased: 0')
})

test('one that differs says in what, and what may be the cause', () => {
  const report = replayReport({
    ...EQUAL,
    equal: false,
    intact: false,
    hash: 'b2',
    differing: ['codeVersion', 'results: plays SUCCESS treatment'],
    codeVersion: { stored: '1', now: '2' },
    inputsErased: 3,
    logBegins: 7,
  })
  expect(report.split('\n')).toEqual([
    'analysis a1 of mix: DIFFERENT',
    'inputs erased: 3',
    'computed now: b2',
    '  differs: codeVersion',
    '  differs: results: plays SUCCESS treatment',
    'the stored analysis is not what was hashed: something else has changed it',
    'it was computed by version 1 of the analysis, and this release has 2: replay it with a release of then',
    'events up to position 7 are gone because of their age (EVENT_RETENTION_MS)',
  ])
})
