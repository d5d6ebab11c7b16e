export * from './assignment/assign.ts'
export * from './assignment/assignment-snapshot.ts'
export { type EvaluableSnapshot, WEIGHT_SUM_TOLERANCE } from './assignment/evaluation-plan.ts'
export { type Holdout, holdoutSchema } from './assignment/holdout.ts'
export { layerHashVersion, layerRangeProblem, layerSeed } from './assignment/layer.ts'
export * from './assignment/payload-conflicts.ts'
export * from './assignment/prerequisites.ts'
export * from './canonical-json.ts'
export {
  CONDITION_PROBLEM_CODES,
  type ConditionProblem,
  type ConditionProblemCode,
  MAX_CONDITION_DEPTH,
} from './conditions/compiled-condition.ts'
export * from './conditions/condition.ts'
export { MAX_REGEX_LENGTH } from './conditions/regular-expression.ts'
export type { SavedGroup, SavedGroups } from './conditions/saved-groups.ts'
export * from './events/event-batch.ts'
export * from './events/event-id.ts'
export * from './events/exact-value.ts'
export * from './events/exposure-event.ts'
export * from './events/heartbeat-event.ts'
export * from './events/interaction-event.ts'
export * from './events/model-stage-event.ts'
export * from './events/read-event.ts'
export * from './events/served-event.ts'
export * from './events/unit-erased-event.ts'
export * from './exposure-context.ts'
export * from './hash.ts'
export * from './json.ts'
export * from './primitives.ts'
export * from './serving-payload.ts'
export * from './signatures/bootstrap-decision.ts'
export * from './signatures/decision-record.ts'
export * from './signatures/qa-override.ts'
export {
  SIGNATURE_DOMAINS,
  type SignatureDomain,
  signInDomain,
  verifyInDomain,
} from './signatures/signature-domain.ts'
export * from './signatures/signing-keys.ts'
export * from './signatures/snapshot-signature.ts'
export * from './slate-id.ts'
