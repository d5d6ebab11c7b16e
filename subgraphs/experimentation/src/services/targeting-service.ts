import { identifierSchema, type QaOverride } from '@bulkhead/contracts'
import { qaOverrideSubject } from '../domain/audit/entry.ts'
import type { InputProblem, InvalidInput } from '../domain/input-problems.ts'
import type { ExperimentRefusal } from '../domain/refusals.ts'
import type {
  Holdout,
  Layer,
  SavedGroup,
  Targeting,
  TargetingDefinition,
} from '../domain/targeting/definitions.ts'
import {
  type HoldoutDraft,
  type LayerDraft,
  type SavedGroupDraft,
  validateHoldout,
  validateLayer,
  validateSavedGroup,
} from '../domain/targeting/validate-definitions.ts'
import type { ChangeQueue } from './changes/change-queue.ts'
import type { Signer } from './signer.ts'

type Result<T> =
  | { readonly type: 'accepted'; readonly value: T }
  | { readonly type: 'refused'; readonly refusal: ExperimentRefusal }

export type QaOverrideRequest = Omit<QaOverride, 'expiresAt'> & {
  readonly minutes: number
  /** Who asks: the subject of the caller's identity. */
  readonly by: string
}

type SignedQaOverride = {
  readonly token: string
  /** Epoch milliseconds. */
  readonly expiresAt: number
}

/** What experiments share for their targeting. All reject as `ChangeQueue.run` does. */
export type TargetingService = {
  createLayer(draft: LayerDraft, by: string): Promise<Result<Layer>>
  /** Takes effect with the next snapshot, on experiments that run too. */
  createHoldout(draft: HoldoutDraft, by: string): Promise<Result<Holdout>>
  /** The first version of a group, or the one that replaces what it is now. */
  saveGroup(draft: SavedGroupDraft, by: string): Promise<Result<SavedGroup>>
  /** Signs an override for one unit. The audit log is the only record of it. */
  qaOverride(request: QaOverrideRequest): Promise<Result<SignedQaOverride>>
}

/** A week. */
const MAX_OVERRIDE_MINUTES = 10_080
const MINUTE_MS = 60_000

export function createTargetingService(options: {
  readonly changes: ChangeQueue
  readonly signQaOverride: Signer['signQaOverride']
}): TargetingService {
  const { changes, signQaOverride } = options

  async function define<T extends TargetingDefinition['value']>(
    about: { readonly action: string; readonly reason: string; readonly by: string },
    validate: (
      targeting: Targeting,
      creation: { readonly at: number; readonly by: string },
    ) => { readonly type: 'valid'; readonly value: T } | InvalidInput,
    toDefinition: (value: T) => TargetingDefinition,
  ): Promise<Result<T>> {
    let saved: T | undefined
    const outcome = await changes.run({
      ...about,
      urgent: false,
      needs: { experiments: [], metrics: [] },
      decide({ targeting, at }) {
        const reading = validate(targeting, { at, by: about.by })
        if (reading.type !== 'valid') return { type: 'refused', refusal: reading }
        saved = reading.value
        return { type: 'saved', definition: toDefinition(saved) }
      },
    })
    if (outcome.type === 'refused') return outcome
    if (saved === undefined) throw new TypeError('a definition was stored without being decided')
    return { type: 'accepted', value: saved }
  }

  return {
    createLayer: (draft, by) =>
      define(
        { action: 'createLayer', reason: draft.name, by },
        (targeting, creation) => validateLayer(draft, targeting, creation),
        (value) => ({ kind: 'layer', value }),
      ),

    createHoldout: (draft, by) =>
      define(
        { action: 'createHoldout', reason: draft.name, by },
        (targeting, creation) => validateHoldout(draft, targeting, creation),
        (value) => ({ kind: 'holdout', value }),
      ),

    saveGroup: (draft, by) =>
      define(
        { action: 'saveGroup', reason: draft.name, by },
        (targeting, creation) => validateSavedGroup(draft, targeting, creation),
        (value) => ({ kind: 'savedGroup', value }),
      ),

    async qaOverride({ experimentKey, variantKey, unit, minutes, by }) {
      let expiresAt = 0
      const outcome = await changes.run({
        action: 'qaOverride',
        by,
        reason: `${variantKey} for ${minutes} minutes`,
        urgent: false,
        needs: { experiments: [experimentKey], metrics: [] },
        decide({ experiment, at }) {
          const problems: InputProblem[] = []
          const variants = experiment(experimentKey)?.variants
          if (variants === undefined) {
            problems.push({ path: ['experimentKey'], message: 'names no experiment' })
          } else if (!variants.some(({ key }) => key === variantKey)) {
            problems.push({ path: ['variantKey'], message: 'is not the key of a variant' })
          }
          if (!identifierSchema.safeParse(unit).success) {
            problems.push({ path: ['unit'], message: 'must be 1 to 256 characters of well-formed text' })
          }
          if (!(minutes >= 1 && minutes <= MAX_OVERRIDE_MINUTES)) {
            problems.push({ path: ['minutes'], message: `must be 1 to ${MAX_OVERRIDE_MINUTES}` })
          }
          if (problems.length > 0) return { type: 'refused', refusal: { type: 'invalid-input', problems } }
          expiresAt = at + minutes * MINUTE_MS
          const facts = { variantKey, unit, expiresAt: new Date(expiresAt).toISOString() }
          return { type: 'noted', subject: qaOverrideSubject(experimentKey), facts }
        },
      })
      if (outcome.type === 'refused') return outcome
      const override = { experimentKey, variantKey, unit, expiresAt: new Date(expiresAt).toISOString() }
      return { type: 'accepted', value: { token: signQaOverride(override), expiresAt } }
    },
  }
}
