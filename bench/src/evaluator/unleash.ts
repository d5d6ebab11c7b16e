import type { Evaluator } from './evaluator.ts'
import { UNIT_TYPE, type Workload } from './workload.ts'

type Constraint = {
  readonly contextName: string
  readonly operator: string
  readonly inverted: boolean
  readonly values: readonly string[]
  readonly value?: string
}

type Variant = { readonly name: string; readonly enabled: boolean }
type UnleashClient = { getVariant(name: string, context: object): Variant }

/** What the client's own storage gives it; without it, nothing is fetched and no metrics are kept. */
type Repository = { getToggle(name: string): unknown; getSegment(id: number): unknown }

/** The workload's conditions in Unleash's constraints, by the attribute that each begins with. */
const CONSTRAINTS: Readonly<Record<string, readonly Constraint[]>> = {
  country: [constraint('country', 'IN', ['NL', 'SE', 'NO', 'DE'])],
  age: [constraint('age', 'NUM_GTE', [], '18'), constraint('age', 'NUM_LT', [], '60')],
  appVersion: [constraint('appVersion', 'SEMVER_GTE', [], '2.1.0')],
  email: [constraint('email', 'STR_ENDS_WITH', ['@example.com'])],
  // Unleash has no alternatives within a strategy and no lists: one of the two.
  $or: [constraint('premium', 'IN', ['true'])],
  [UNIT_TYPE]: [constraint('country', 'NOT_IN', ['US'])],
}

/**
 * The workload as features with a gradual rollout and variants. Unleash has another hash and no layers (a layer's range
 * is part of its rollout here), so users meet other variants: only the work is alike.
 */
export function createUnleashEvaluator(
  { snapshot }: Workload,
  load: (id: string) => { readonly default?: unknown; readonly defaultStrategies?: unknown },
): Evaluator<Variant> {
  const Client = load('unleash-client/lib/client.js').default as new (
    repository: Repository,
    strategies: unknown,
  ) => UnleashClient
  const { defaultStrategies } = load('unleash-client/lib/strategy/index.js')
  const staff = snapshot.savedGroups.staff ?? []
  const features = new Map(
    snapshot.experiments.map((experiment) => {
      const { key, status, coverage, condition, layer, variants } = experiment
      const [first = ''] = Object.keys(condition ?? {})
      const share = coverage * (layer === null ? 1 : layer.to - layer.from)
      const feature = {
        name: key,
        enabled: status !== 'PAUSED',
        strategies: [
          {
            name: 'flexibleRollout',
            parameters: { rollout: Math.round(share * 100), stickiness: UNIT_TYPE, groupId: key },
            constraints: [
              ...(CONSTRAINTS[first] ?? []),
              ...(first === UNIT_TYPE ? [constraint(UNIT_TYPE, 'NOT_IN', staff)] : []),
            ],
            variants: variants.map(({ key: name, weight }) => ({
              name,
              weight: Math.round(weight * 1_000),
              stickiness: UNIT_TYPE,
            })),
          },
        ],
      }
      return [key, feature]
    }),
  )
  const client = new Client(
    { getToggle: (name) => features.get(name), getSegment: () => undefined },
    defaultStrategies,
  )
  const keys = [...features.keys()]
  const indexes = new Map(snapshot.experiments[2]?.variants.map(({ key }, index) => [key, index]))
  return {
    evaluate({ unit, attributes }) {
      const context = { [UNIT_TYPE]: unit, properties: attributes }
      return keys.map((key) => client.getVariant(key, context))
    },
    variantIndex: ({ enabled, name }) => (enabled ? (indexes.get(name) ?? -1) : -1),
  }
}

function constraint(
  contextName: string,
  operator: string,
  values: readonly string[],
  value?: string,
): Constraint {
  const common = { contextName, operator, inverted: false, values }
  return value === undefined ? common : { ...common, value }
}
