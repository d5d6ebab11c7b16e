export type Workload = {
  readonly name: string
  /** How many items the slate has. */
  readonly items: number
  readonly exposures: boolean
  /** The request of one user. */
  readonly body: (unit: string) => string
}

/** A slate as a home page asks for it, as plain JSON: one fetch, or two with exposures. */
export function workload(items: number, exposures: boolean): Workload {
  return {
    name: `${items} items ${exposures ? 'with' : 'without'} exposures`,
    items,
    exposures,
    body: (unit) => slateRequest({ unit, items, exposures: exposures ? EXPOSURES : '' }),
  }
}

/** The same slate; a client that takes several parts gets the exposures in a later one. */
export function deferredSlate(items: number): (unit: string) => string {
  return (unit) => slateRequest({ unit, items, exposures: `... @defer { ${EXPOSURES} }` })
}

const EXPOSURES = 'exposures { experimentKey variantKey unit applied status snapshotVersion }'

function slateRequest(options: { unit: string; items: number; exposures: string }): string {
  const query = /* GraphQL */ `
    query HomeSlate($userId: ID!, $size: Int!) {
      recommendations(userId: $userId, size: $size) {
        id
        servedBy { rung cause }
        modelVersion { id }
        items {
          totalCount
          edges { rank score source node { id title creator categories } reason { kind text } }
        }
        ${options.exposures}
      }
    }
  `
  return JSON.stringify({ query, variables: { userId: options.unit, size: options.items } })
}
