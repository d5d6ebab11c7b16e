/** A slate as a home page asks for it. Every field is the same for all sizes, so that cost grows with the items alone. */
function query(exposures: boolean): string {
  return /* GraphQL */ `
    query HomeSlate($userId: ID!, $size: Int!) {
      recommendations(userId: $userId, size: $size) {
        id
        servedBy { rung cause }
        modelVersion { id }
        items {
          totalCount
          edges { rank score source node { id title creator categories } reason { kind text } }
        }
        ${exposures ? 'exposures { experimentKey variantKey unit applied status snapshotVersion }' : ''}
      }
    }
  `
}

export type Workload = {
  readonly name: string
  readonly items: number
  readonly exposures: boolean
  /** How many subgraph fetches one answer takes. A gateway with fewer has cached or shared some. */
  readonly fetches: number
  readonly body: (unit: string) => string
}

export function workload(items: number, exposures: boolean): Workload {
  const text = query(exposures)
  return {
    name: `${items} items ${exposures ? 'with exposures' : 'alone'}`,
    items,
    exposures,
    fetches: exposures ? 2 : 1,
    body: (unit) => JSON.stringify({ query: text, variables: { userId: unit, size: items } }),
  }
}
