import { createRequire } from 'node:module'
import { join } from 'node:path'
import { type Assignment, assign, layerSeed } from '@bulkhead/contracts'
import {
  type ConditionInterface,
  type Experiment,
  type FeatureResult,
  GrowthBookClient,
  type Result,
} from '@growthbook/growthbook'
import type { Evaluator } from './evaluator.ts'
import { createUnleashEvaluator } from './unleash.ts'
import { UNIT_TYPE, type Workload } from './workload.ts'

export const CONTESTANTS = ['bulkhead', 'growthbook', 'growthbook (features)', 'unleash'] as const
export type ContestantName = (typeof CONTESTANTS)[number]

/** @param folder where Unleash is installed */
export function createEvaluator(
  name: ContestantName,
  workload: Workload,
  folder: string,
): Evaluator<unknown> {
  switch (name) {
    case 'bulkhead':
      return bulkhead(workload)
    case 'growthbook':
      return growthbook(workload)
    case 'growthbook (features)':
      return growthbookFeatures(workload)
    case 'unleash':
      return createUnleashEvaluator(workload, createRequire(join(folder, 'package.json')))
  }
}

function bulkhead({ snapshot }: Workload): Evaluator<Assignment> {
  return {
    evaluate: ({ unit, attributes }) => assign(snapshot, { [UNIT_TYPE]: unit }, attributes),
    variantIndex: ({ experiment, variant }) => (variant === null ? -1 : experiment.variants.indexOf(variant)),
  }
}

/** Experiments given to the SDK one by one: its shortest way. */
function growthbook(workload: Workload): Evaluator<Result<number>> {
  const client = new GrowthBookClient({ savedGroups: workload.snapshot.savedGroups })
  const experiments = toExperiments(workload)
  return {
    evaluate({ unit, attributes }) {
      const user = { attributes: { ...attributes, [UNIT_TYPE]: unit } }
      return experiments.map((experiment) => client.runInlineExperiment(experiment, user))
    },
    variantIndex: ({ inExperiment, variationId }) => (inExperiment ? variationId : -1),
  }
}

/** The same as rules of features, which is how GrowthBook's own service publishes them. */
function growthbookFeatures(workload: Workload): Evaluator<FeatureResult<number>> {
  const client = new GrowthBookClient({})
  const experiments = toExperiments(workload)
  client.initSync({
    payload: {
      savedGroups: workload.snapshot.savedGroups,
      features: Object.fromEntries(
        experiments.map(({ active, ...rule }) => [
          rule.key,
          { defaultValue: -1, rules: active === false ? [] : [rule] },
        ]),
      ),
    },
  })
  return {
    evaluate({ unit, attributes }) {
      const user = { attributes: { ...attributes, [UNIT_TYPE]: unit } }
      return experiments.map(({ key }) => client.evalFeature<number>(key, user) as FeatureResult<number>)
    },
    variantIndex: ({ value }) => value ?? -1,
  }
}

function toExperiments({ snapshot }: Workload): Experiment<number>[] {
  return snapshot.experiments.map(({ key, seed, status, coverage, condition, layer, variants }) => ({
    key,
    seed,
    hashVersion: 2,
    hashAttribute: UNIT_TYPE,
    active: status !== 'PAUSED',
    coverage,
    variations: variants.map((_, index) => index) as [number, number, ...number[]],
    weights: variants.map(({ weight }) => weight),
    ...(condition !== null && { condition: condition as ConditionInterface }),
    ...(layer !== null &&
      (layer.hashVersion === 2
        ? {
            filters: [
              {
                attribute: UNIT_TYPE,
                seed: layerSeed(layer.key),
                hashVersion: 2,
                ranges: [[layer.from, layer.to]] as [number, number][],
              },
            ],
          }
        : { namespace: [layer.key, layer.from, layer.to] as [string, number, number] })),
  }))
}
