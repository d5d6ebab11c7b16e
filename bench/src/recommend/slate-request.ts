import { unitOf } from '../harness/load.ts'

export const SLATE_ITEMS = 20

const QUERY = /* GraphQL */ `
  query HomeSlate($userId: ID!, $size: Int!) {
    recommendations(userId: $userId, size: $size) {
      id
      exposureContext
      servedBy { rung cause }
      modelVersion { id }
      items {
        totalCount
        edges { rank score source node { id title creator categories } reason { kind text } }
      }
    }
  }
`

/** The request for one user's slate as the gateway sends it, cut where the user goes. */
export function slateRequest(): readonly string[] {
  const unit = unitOf(0)
  return JSON.stringify({ query: QUERY, variables: { userId: unit, size: SLATE_ITEMS } }).split(unit)
}
