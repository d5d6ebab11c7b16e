import { expect, test } from 'vitest'
import { EXPERIMENTATION_ERRORS } from '../errors.ts'
import { DAY, NOON, sampleDraft, sampleExposure } from '../testing/samples.ts'
import {
  EVENT_REFUSAL_CODES,
  refuseEventTime,
  refuseExperiment,
  refuseIdOfContent,
} from './event-admission.ts'
import type { Experiment } from './experiment.ts'
import { validateExperiment } from './validate-experiment.ts'

const window = { maxAgeMs: 30 * DAY, maxFutureMs: 300_000 }
function running(overrides: Partial<Experiment> = {}): Experiment {
  const reading = validateExperiment(sampleDraft(), { at: 0, by: 'ana' })
  if (reading.type !== 'valid') throw new Error('the sample is invalid')
  const { experiment } = reading
  const first = { version: 1, since: 1, variants: experiment.variants, ramp: [{ at: 1, coverage: 1 }] }
  return { ...experiment, status: 'RUNNING', startedAt: 1, versions: [first], ...overrides }
}

test('an event is taken in up to the edges of the window, and not a millisecond beyond', () => {
  expect(refuseEventTime('exposure', NOON - window.maxAgeMs, window, NOON)).toBeNull()
  expect(refuseEventTime('exposure', NOON + window.maxFutureMs, window, NOON)).toBeNull()
  expect(refuseEventTime('exposure', NOON - window.maxAgeMs - 1, window, NOON)?.code).toBe('EVENT_TOO_OLD')
  expect(refuseEventTime('exposure', NOON + window.maxFutureMs + 1, window, NOON)?.code).toBe(
    'EVENT_FROM_FUTURE',
  )
})

test('news of a model and erasures are taken in however old they are, and not from the future', () => {
  expect(refuseEventTime('modelStageChanged', NOON - window.maxAgeMs - 1, window, NOON)).toBeNull()
  expect(refuseEventTime('modelStageChanged', NOON + window.maxFutureMs + 1, window, NOON)?.code).toBe(
    'EVENT_FROM_FUTURE',
  )
  expect(refuseEventTime('unitErased', NOON - window.maxAgeMs - 1, window, NOON)).toBeNull()
  expect(refuseEventTime('unitErased', NOON + window.maxFutureMs + 1, window, NOON)?.code).toBe(
    'EVENT_FROM_FUTURE',
  )
})

test('an exposure must fit the experiment that it names', () => {
  expect(refuseExperiment(sampleExposure(), running())).toBeNull()
  expect(refuseExperiment(sampleExposure(), undefined)?.code).toBe('UNKNOWN_EXPERIMENT')
  expect(refuseExperiment(sampleExposure(), running({ startedAt: null }))?.code).toBe('UNKNOWN_EXPERIMENT')
  expect(refuseExperiment(sampleExposure({ experimentVersion: 2 }), running())?.code).toBe('UNKNOWN_VERSION')
  expect(refuseExperiment(sampleExposure({ variantKey: 'other' }), running())?.code).toBe('UNKNOWN_VARIANT')
})

test('a late exposure is judged by the variants of its own version', () => {
  const { variants } = running()
  const [control] = variants
  const renamed = variants.map((variant) => (variant === control ? variant : { ...variant, key: 'new' }))
  const version = (number: number, of: typeof variants) => ({
    version: number,
    since: number,
    variants: of,
    ramp: [],
  })
  const experiment = running({
    status: 'STOPPED',
    stoppedAt: 5,
    version: 2,
    variants: renamed,
    versions: [version(1, variants), version(2, renamed)],
  })
  const codeOf = (experimentVersion: number, variantKey: string) =>
    refuseExperiment(sampleExposure({ experimentVersion, variantKey }), experiment)?.code
  expect(codeOf(1, 'treatment')).toBeUndefined()
  expect(codeOf(1, 'new')).toBe('UNKNOWN_VARIANT')
  expect(codeOf(2, 'new')).toBeUndefined()
  expect(codeOf(2, 'treatment')).toBe('UNKNOWN_VARIANT')
  expect(codeOf(3, 'control')).toBe('UNKNOWN_VERSION')
})

test('an exposure under another id than that of its slate and experiment is refused', () => {
  expect(refuseIdOfContent(sampleExposure())).toBeNull()
  expect(refuseIdOfContent(sampleExposure({ eventId: 'made-up-by-hand' }))?.code).toBe('MALFORMED_EVENT')
})

test('every code is in the registry', () => {
  expect(Object.keys(EXPERIMENTATION_ERRORS)).toEqual(expect.arrayContaining([...EVENT_REFUSAL_CODES]))
})
