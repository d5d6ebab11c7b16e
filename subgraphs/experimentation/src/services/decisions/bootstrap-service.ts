import {
  type Bootstrap,
  type BootstrapDraft,
  type BootstrapFacts,
  type BootstrapRefusal,
  type BootstrapResult,
  recordBootstrap,
  reviewBootstrap,
  type SignBootstrap,
} from '../../domain/governance/bootstrap.ts'
import { standingShip } from '../../domain/governance/model-decisions.ts'
import type { ExperimentRefusal } from '../../domain/refusals.ts'
import { refuseReason } from '../../domain/validate-experiment.ts'
import type { ChangeState } from '../changes/change.ts'
import type { ChangeQueue } from '../changes/change-queue.ts'

export type BootstrapServiceResult =
  | { readonly type: 'accepted'; readonly bootstrap: Bootstrap }
  | { readonly type: 'refused'; readonly refusal: ExperimentRefusal | BootstrapRefusal }

export type BootstrapReviewRequest = {
  readonly modelVersionId: string
  /** The one that the reviewer has seen. */
  readonly revision: number
  readonly approved: boolean
  readonly comment: string
  /** The subject of the reviewer's identity. */
  readonly by: string
}

/**
 * Decisions that let the first model of a deployment into production. Each step is decided on the result of the change
 * before it, so that of a SHIP and a bootstrap decision that become final at once, only one does. All reject as
 * `ChangeQueue.run` does.
 */
export type BootstrapService = {
  record(request: BootstrapDraft & { readonly by: string }): Promise<BootstrapServiceResult>
  review(request: BootstrapReviewRequest): Promise<BootstrapServiceResult>
}

/** @param options.quorum how many people have to approve; at least one does, whatever it says */
export function createBootstrapService(options: {
  readonly changes: Pick<ChangeQueue, 'run'>
  readonly quorum: number
  readonly signBootstrap: SignBootstrap
}): BootstrapService {
  const { changes, quorum, signBootstrap: sign } = options

  async function run(
    about: {
      readonly action: string
      readonly modelVersionId: string
      readonly by: string
      readonly reason: string
    },
    decide: (before: Bootstrap | null, facts: BootstrapFacts, state: ChangeState) => BootstrapResult,
  ): Promise<BootstrapServiceResult> {
    const { modelVersionId, ...change } = about
    const outcome = await changes.run({
      ...change,
      urgent: false,
      needs: { experiments: [], metrics: [], decisions: { modelVersions: [modelVersionId] } },
      decide(state) {
        const { versions, bootstraps, unreadable } = state.decisions
        if (unreadable.has(modelVersionId)) {
          return { type: 'refused', refusal: { type: 'bootstrap-unreadable', modelVersionId } }
        }
        const version = versions.get(modelVersionId) ?? null
        const facts = { at: state.at, by: about.by, version, standingShip: standingShip(state.decisions) }
        const result = decide(bootstraps.get(modelVersionId) ?? null, facts, state)
        return result.type === 'refused' ? result : { type: 'bootstrapped', bootstrap: result.bootstrap }
      },
    })
    switch (outcome.type) {
      case 'bootstrapped':
        return { type: 'accepted', bootstrap: outcome.bootstrap }
      case 'refused':
        return outcome
      default:
        throw new TypeError('a bootstrap decision changes nothing else')
    }
  }

  return {
    record: ({ by, ...draft }) =>
      run(
        {
          action: 'recordBootstrapDecision',
          modelVersionId: draft.modelVersionId,
          by,
          reason: draft.rationale,
        },
        (before, facts, { decisions }) => recordBootstrap(before, draft, facts, decisions.bootstraps.size),
      ),

    async review({ by, ...review }) {
      const { modelVersionId, comment: reason } = review
      const refusal = refuseReason(reason, 'comment')
      if (refusal !== null) return { type: 'refused', refusal }
      return run({ action: 'reviewBootstrapDecision', modelVersionId, by, reason }, (before, facts) =>
        reviewBootstrap(before, review, facts, { quorum, sign }),
      )
    },
  }
}
