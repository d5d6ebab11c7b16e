import type { EvaluableSnapshot, JsonObject, JsonValue } from '@bulkhead/contracts'

export const UNIT_TYPE = 'userId'

export type User = { readonly unit: string; readonly attributes: JsonObject }

export type Workload = {
  readonly snapshot: EvaluableSnapshot & { readonly savedGroups: Readonly<Record<string, string[]>> }
  readonly users: readonly User[]
}

const COUNTRIES = ['NL', 'SE', 'NO', 'DE', 'FR', 'US', 'GB', 'JP', 'BR', 'IN']
const TAGS = ['beta', 'student', 'family', 'trial', 'partner']
const DOMAINS = ['example.com', 'example.org', 'mail.example.net']
const STAFF = 50

/** One for each way to target; half of the rules have none, as most experiments do. */
const CONDITIONS: readonly JsonValue[] = [
  null,
  { country: { $in: ['NL', 'SE', 'NO', 'DE'] } },
  null,
  { age: { $gte: 18, $lt: 60 } },
  null,
  { appVersion: { $vgte: '2.1.0' } },
  null,
  { email: { $regex: '@example\\.com$' } },
  null,
  { $or: [{ premium: true }, { tags: { $elemMatch: { $eq: 'beta' } } }] },
  null,
  { [UNIT_TYPE]: { $notInGroup: 'staff' }, country: { $ne: 'US' } },
]

/**
 * Rules such as a service has them: a third in layers, half with a condition, two to four variants, one in ten paused.
 * Equal counts give equal rules and users, in every process.
 */
export function makeWorkload(rules: number, users: number): Workload {
  const experiments = Array.from({ length: rules }, (_, index) => {
    const variants = 2 + (index % 3)
    return {
      key: `experiment-${index}`,
      version: 1,
      status: index % 10 === 9 ? 'PAUSED' : 'RUNNING',
      unitType: UNIT_TYPE,
      seed: `experiment-${index}:v1`,
      hashVersion: 2,
      surfaces: [],
      layer: layerOf(index),
      coverage: index % 2 === 0 ? 1 : 0.5,
      condition: CONDITIONS[index % CONDITIONS.length] ?? null,
      forced: {},
      trigger: 'SERVE',
      variants: Array.from({ length: variants }, (_, variant) => ({
        key: `variant-${variant}`,
        weight: 1 / variants,
        payload: null,
      })),
    }
  })
  return {
    snapshot: {
      experiments,
      savedGroups: { staff: Array.from({ length: STAFF }, (_, index) => unitName(index * 7)) },
    },
    users: Array.from({ length: users }, (_, index) => makeUser(index)),
  }
}

function layerOf(index: number): EvaluableSnapshot['experiments'][number]['layer'] {
  const from = (index % 5) / 10
  if (index % 6 === 1) return { key: 'main', from, to: from + 0.5, hashVersion: 2 }
  if (index % 6 === 4) return { key: 'namespace', from, to: from + 0.5 }
  return null
}

function unitName(index: number): string {
  return `user-${(index * 2_654_435_761) % 2 ** 32}`
}

function makeUser(index: number): User {
  return {
    unit: unitName(index),
    attributes: {
      country: COUNTRIES[index % COUNTRIES.length] ?? '',
      age: 13 + ((index * 7) % 70),
      appVersion: `${1 + (index % 3)}.${index % 4}.${index % 10}`,
      email: `someone.${index}@${DOMAINS[index % DOMAINS.length]}`,
      premium: index % 4 === 0,
      tags: TAGS.filter((_, tag) => (index >> tag) % 2 === 1),
    },
  }
}
