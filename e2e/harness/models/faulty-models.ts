/**
 * Makes models of one algorithm fail, in the process that loads this before its program (`node --import`). Nothing of it is
 * in the product: the module that makes models gets one more line as it is loaded. What fails, and how, stands in the file
 * that FAULTY_MODELS names, which is read for each list, so that a model that did well can start to fail.
 */
import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import type { RecommendationModel } from '@bulkhead/personalization/domain/recommendation-model'
import { type Faults, isFault } from './faults.ts'

const MAKER = '/personalization/src/domain/recommendation-model.ts'
const SPOIL = 'bulkhead.e2e.spoil'

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context)
    if (!url.endsWith(MAKER)) return loaded
    const source = String(loaded.source)
    const declared = 'export function createModel('
    if (!source.includes(declared)) throw new Error(`${MAKER} makes models in another way now`)
    const wrapped = `${source.replace(declared, 'function createSoundModel(')}
      export function createModel(...parts) {
        return globalThis[Symbol.for('${SPOIL}')](createSoundModel(...parts))
      }`
    return { ...loaded, source: wrapped }
  },
})

function faultsNow(): Faults {
  const faults: unknown = JSON.parse(readFileSync(process.env.FAULTY_MODELS ?? '', 'utf8'))
  if (!isFaults(faults)) throw new TypeError('FAULTY_MODELS names no faults')
  return faults
}

function isFaults(value: unknown): value is Faults {
  return typeof value === 'object' && value !== null && Object.values(value).every(isFault)
}

function burn(ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end);
}

function spoil(model: RecommendationModel): RecommendationModel {
  return {
    ...model,
    recommend(...asked) {
      const found = Object.entries(faultsNow()).find(([algorithm]) => model.algorithm.startsWith(algorithm))
      const fault = found?.[1]
      if (fault === undefined) return model.recommend(...asked)
      if (fault.kind === 'throws') throw new Error('made to fail')
      if (fault.kind === 'empty') return []
      burn('ms' in fault ? fault.ms : Number.POSITIVE_INFINITY)
      return model.recommend(...asked)
    },
  }
}

Object.assign(globalThis, { [Symbol.for(SPOIL)]: spoil })
