import type { KeyObject } from 'node:crypto'
import { type QaOverrideRefusal, readQaOverride, type UnitVariant } from '@bulkhead/contracts'
import type { Clock } from '@bulkhead/service/clock'
import { COMMON_ERRORS, serviceError } from '@bulkhead/service/errors'

export type QaOverrideReader = {
  /**
   * Verifies signed overrides of a user's own variants.
   * @throws ServiceError BAD_USER_INPUT that says which one is refused, and why
   */
  read(signed: readonly string[], userId: string): readonly UnitVariant[]
}

/** A tester looks at a few experiments at a time. */
const MAX_OVERRIDES = 20

const REASONS: Readonly<Record<QaOverrideRefusal, string>> = {
  MALFORMED: 'is not a token of `qaOverride`',
  UNKNOWN_KEY: 'is signed with a key that is not trusted here',
  BAD_SIGNATURE: 'has a signature that does not match',
  EXPIRED: 'has expired: ask for another one',
}

/** @param options.publicKeys those that snapshots are verified with */
export function createQaOverrideReader(options: {
  readonly publicKeys: ReadonlyMap<string, KeyObject>
  readonly clock: Clock
}): QaOverrideReader {
  const { publicKeys, clock } = options
  return {
    read(signed, userId) {
      if (signed.length > MAX_OVERRIDES) {
        throw refusal(['qaOverrides'], `must be at most ${MAX_OVERRIDES} tokens`)
      }
      return signed.map((token, index) => {
        const path = ['qaOverrides', String(index)]
        const reading = readQaOverride(token, publicKeys, clock.now())
        if (reading.type === 'refused') throw refusal(path, REASONS[reading.code])
        const { experimentKey, variantKey, unit } = reading.override
        // It would have no effect, and the tester would look at the wrong variant without knowing it.
        if (unit !== userId) throw refusal(path, 'is for another user')
        return { experimentKey, variantKey, unit }
      })
    },
  }
}

function refusal(path: readonly string[], message: string) {
  return serviceError(COMMON_ERRORS.BAD_USER_INPUT, `\`${path.join('.')}\` ${message}.`, { path })
}
