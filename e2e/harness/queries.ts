/** A slate with its exposures, as a home page asks for it. */
export const HOME_SLATE = /* GraphQL */ `
  query HomeSlate($userId: ID!, $size: Int! = 20) {
    recommendations(userId: $userId, size: $size) {
      id
      snapshotVersion
      servedBy { rung cause }
      modelVersion { id }
      items { totalCount edges { itemId rank node { id title } } }
      exposures { experimentKey variantKey unit applied status snapshotVersion }
    }
  }
`

/** The part of it that personalization alone answers. */
export const SLATE_ONLY = /* GraphQL */ `
  query SlateOnly($userId: ID!, $size: Int! = 20) {
    recommendations(userId: $userId, size: $size) {
      id
      snapshotVersion
      servedBy { rung cause }
      items { edges { itemId rank } }
    }
  }
`

export const EXPOSURE_COUNTS = /* GraphQL */ `
  query ExposureCounts($key: ID!) {
    experiment(key: $key) { key status revision exposureCounts { variantKey units exposures asOf } }
  }
`

export const RECORD = /* GraphQL */ `
  mutation Record($input: RecordInteractionsInput!) {
    recordInteractions(input: $input) { accepted errors { code message path } }
  }
`

/** The experiment that the demo starts. */
export const DEMO_EXPERIMENT = 'home-mix'
