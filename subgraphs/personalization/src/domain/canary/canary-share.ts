import { hashV2 } from '@bulkhead/contracts'

/** Who meets a canary: a share of listeners, and as large a share with whom the version in production is compared. */
export type CanaryArm = 'canary' | 'champion'

/**
 * The arm of a listener; null for all others. The same listener is in the same one anywhere and for as long as the canary
 * lasts, independent of every experiment and of other canaries.
 * @param share of listeners in each arm, 0 to .5
 */
export function canaryArmOf(versionId: string, userId: string, share: number): CanaryArm | null {
  const position = hashV2(`canary:${versionId}`, userId)
  if (position < share) return 'canary'
  return position < 2 * share ? 'champion' : null
}
