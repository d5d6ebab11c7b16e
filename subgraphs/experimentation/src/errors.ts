import { defineErrors } from '@bulkhead/service/errors'

/** The error codes of experimentation beside the common ones. `docs/errors.md` is generated from it. */
export const EXPERIMENTATION_ERRORS = defineErrors({
  INVALID_INPUT: {
    meaning: 'A field of the input has a value that is not allowed.',
    retryable: false,
    whatToDo: 'Correct the field at `path`; all problems are reported at once.',
    httpStatus: 400,
  },
  EXPERIMENT_EXISTS: {
    meaning: 'An experiment with this key exists already.',
    retryable: false,
    whatToDo: 'Choose another key: keys are never used again, because events refer to them.',
    httpStatus: 409,
  },
  EXPERIMENT_NOT_FOUND: {
    meaning: 'There is no experiment with this key.',
    retryable: false,
    whatToDo: 'Check the key with the `experiments` query.',
    httpStatus: 404,
  },
  REVISION_CONFLICT: {
    meaning: 'The experiment, or the bootstrap decision, has changed since the revision that was sent.',
    retryable: false,
    whatToDo: 'Read it again, decide again, and send its current revision.',
    httpStatus: 409,
  },
  ILLEGAL_TRANSITION: {
    meaning: 'The status of the experiment does not allow this step.',
    retryable: false,
    whatToDo:
      'Take one of the steps that the message names: DRAFT -> IN_REVIEW -> APPROVED -> RUNNING <-> PAUSED -> STOPPED -> DECIDED -> ARCHIVED.',
    httpStatus: 409,
  },
  OWN_WORK: {
    meaning: 'Who wrote an experiment, or made a decision, does not review it.',
    retryable: false,
    whatToDo: 'Ask somebody who has neither created nor edited it.',
    httpStatus: 403,
  },
  ALREADY_APPROVED: {
    meaning: 'This person has approved it already, and counts once.',
    retryable: false,
    whatToDo: 'Ask somebody else, if more approvals are needed.',
    httpStatus: 409,
  },
  BOOTSTRAP_NOT_FOUND: {
    meaning: 'No bootstrap decision about this model version has been recorded.',
    retryable: false,
    whatToDo:
      'Check the version with the `bootstrapDecisions` query, or record one with `recordBootstrapDecision`.',
    httpStatus: 404,
  },
  BOOTSTRAP_NOT_IN_REVIEW: {
    meaning: 'The bootstrap decision was rejected, and is not in review.',
    retryable: false,
    whatToDo: 'Record another one with `recordBootstrapDecision`.',
    httpStatus: 409,
  },
  BOOTSTRAP_FINAL: {
    meaning:
      'The bootstrap decision about this model version is signed, and does not change while it counts.',
    retryable: false,
    whatToDo:
      'Promote the version in personalization; if it was rolled back, decide about another version. 30 days after it was made another one can be recorded.',
    httpStatus: 409,
  },
  BOOTSTRAP_UNREADABLE: {
    meaning:
      'The bootstrap decision about this model version cannot be read from the datastore, and lets nothing in.',
    retryable: false,
    whatToDo:
      'Restore its row from a backup (`audit verify` names it), or register the artefact as a new version and decide about that.',
    httpStatus: 500,
  },
  BOOTSTRAP_LIMIT: {
    meaning: 'The deployment has as many bootstrap decisions as are allowed.',
    retryable: false,
    whatToDo: 'Use one of those that there are: record it again, or promote the version that it is about.',
    httpStatus: 409,
  },
  MODEL_NOT_EVALUATED: {
    meaning: 'A bootstrap decision needs a model version that personalization has reported as EVALUATED.',
    retryable: false,
    whatToDo:
      'Evaluate the version in personalization; if that was just now, send the same again in some seconds.',
    httpStatus: 409,
  },
  MODEL_SHIPPED: {
    meaning:
      'A model was shipped by the decision about an experiment, and there is a champion, so no model is the first any more.',
    retryable: false,
    whatToDo: 'Compare the version with the one in production in an experiment, and decide about that.',
    httpStatus: 409,
  },
  MODEL_RETIRED: {
    meaning: 'The decision ships a model version that is RETIRED, and such a version never serves again.',
    retryable: false,
    whatToDo:
      'Reject the decision and record another outcome; to ship its artefact, register it as a new version and compare that.',
    httpStatus: 409,
  },
  ARTEFACT_CHANGED: {
    meaning: 'The model version has another artefact than the one that the decision speaks of.',
    retryable: false,
    whatToDo: 'Record the decision again, which then speaks of the artefact that is there now.',
    httpStatus: 409,
  },
  APPROVALS_MISSING: {
    meaning: 'The experiment has fewer approvals than a start needs now (REVIEW_QUORUM).',
    retryable: false,
    whatToDo: 'Let somebody else review it with `reviewExperiment`.',
    httpStatus: 409,
  },
  FROZEN: {
    meaning: 'The plan and the metrics of an experiment cannot be changed after its start.',
    retryable: false,
    whatToDo: 'Stop it, and create another experiment with the plan that you want.',
    httpStatus: 409,
  },
  PLAN_INCOMPLETE: {
    meaning:
      'The experiment lacks what its start needs: metrics, or a plan with `noAnalysis`; a sample for FIXED_HORIZON and GROUP_SEQUENTIAL; and looks for GROUP_SEQUENTIAL.',
    retryable: false,
    whatToDo:
      'Compute the sample with the `powerAnalysis` query or `npm run experimentation -- power`, and set what the message names with `updateExperiment`.',
    httpStatus: 409,
  },
  TOO_MANY_CHANGES: {
    meaning: 'The experiment has been changed or reviewed as often as is allowed.',
    retryable: false,
    whatToDo: 'Stop it, and create another experiment.',
    httpStatus: 409,
  },
  PARAMETER_CONFLICT: {
    meaning:
      'Another experiment that is running, paused or stopped but not decided sets the same serving parameter for the same units.',
    retryable: false,
    whatToDo: 'Give the two different surfaces, different parameters, or disjoint ranges of one layer.',
    httpStatus: 409,
  },
  LAYER_CONFLICT: {
    meaning: 'Another experiment of the layer holds a part of the range.',
    retryable: false,
    whatToDo:
      'Choose a range that is free (`layers { allocations { from to } }`), or decide the experiment that holds it.',
    httpStatus: 409,
  },
  PREREQUISITE_UNRESOLVABLE: {
    meaning:
      'The experiments that this one needs are not running or lack the variants, need each other in a circle, or make a chain that is too long; it would include nobody.',
    retryable: false,
    whatToDo: 'Start the experiments that it needs first, or change its prerequisites.',
    httpStatus: 409,
  },
  PREREQUISITE_IN_USE: {
    meaning: 'Other experiments need this one, and would include nobody once it is decided.',
    retryable: false,
    whatToDo: 'Decide the experiments that the message names first.',
    httpStatus: 409,
  },
  SAVED_GROUP_IN_USE: {
    meaning:
      'Stopped experiments target by the group; until their decision, their units keep what they have.',
    retryable: false,
    whatToDo: 'Decide the experiments that the message names, or save the values under another key.',
    httpStatus: 409,
  },
  MODEL_VERSION_ABSENT: {
    meaning: 'A variant names a model version that personalization has not reported.',
    retryable: true,
    whatToDo: 'Register the model version in personalization; news of it takes some seconds to arrive.',
    httpStatus: 409,
  },
  SNAPSHOT_FULL: {
    meaning: 'The snapshot already lists the highest number of experiments that is allowed.',
    retryable: false,
    whatToDo: 'Decide experiments that have stopped: they leave the snapshot then.',
    httpStatus: 409,
  },
  SNAPSHOT_TOO_LARGE: {
    meaning: 'The snapshot would be larger than subscribers read.',
    retryable: false,
    whatToDo:
      'Make the payloads smaller, or decide experiments that have stopped: they leave the snapshot then.',
    httpStatus: 409,
  },
  CHANGES_OVERLOADED: {
    meaning: 'Too many changes are waiting to be stored.',
    retryable: true,
    whatToDo: 'Send the change again later, with backoff.',
    httpStatus: 503,
  },
  PLANNING_OVERLOADED: {
    meaning: 'Too many power analyses are waiting to be computed.',
    retryable: true,
    whatToDo: 'Ask again in some seconds, or compute it with `npm run experimentation -- power`.',
    httpStatus: 503,
  },
  PUBLISH_CONTENTION: {
    meaning: 'Other replicas stored changes all the time, and this one lost to them for 30 seconds.',
    retryable: true,
    whatToDo: 'Send the change again.',
    httpStatus: 503,
  },
  EXPERIMENT_NOT_STARTED: {
    meaning: 'The experiment was not started before the cutoff, so there is nothing to analyse.',
    retryable: false,
    whatToDo: 'Start it, or choose a later cutoff.',
    httpStatus: 409,
  },
  PLAN_NOT_COMPUTABLE: {
    meaning:
      "Results cannot be computed by the experiment's plan: its alpha and power leave no level for its tests.",
    retryable: false,
    whatToDo: 'Create another experiment, whose plan has a larger alpha or a smaller power.',
    httpStatus: 409,
  },
  SUM_OVERFLOW: {
    meaning: 'A sum over the values of a metric has more than 38 digits.',
    retryable: false,
    whatToDo: 'Define the next version of the metric with a `cap`, and use it in another experiment.',
    httpStatus: 409,
  },
  ANALYSIS_TOO_LARGE: {
    meaning: 'The analysis is larger than what is stored.',
    retryable: false,
    whatToDo:
      'Use fewer metrics or variants. `npm run experimentation -- analyze` shows it without storing it.',
    httpStatus: 409,
  },
  EVENTS_ERASED: {
    meaning:
      'Events that the analysis needs are erased for their age (EVENT_RETENTION_MS), and the read model was made anew since.',
    retryable: false,
    whatToDo: 'Read the analyses that are stored. Before retention erases events, export them.',
    httpStatus: 409,
  },
  ANALYST_UNAVAILABLE: {
    meaning:
      'No process that analyses has been heard of for two minutes, or none has answered for two hours.',
    retryable: true,
    whatToDo:
      'Start `npm run experimentation -- analyst`, or set ANALYSIS=embedded on a replica, and ask again.',
    httpStatus: 503,
  },
  ANALYSIS_RUNNING: {
    meaning: 'The analysis takes longer than a request waits (ANALYSIS_WAIT_MS). It goes on, and is stored.',
    retryable: true,
    whatToDo:
      'Send the same request again: it waits for the same analysis, or gets it if it is done. Or read `results` later.',
    httpStatus: 503,
  },
  ANALYSES_OVERLOADED: {
    meaning: 'As many analyses are waiting as may wait (ANALYSIS_QUEUE_LIMIT).',
    retryable: true,
    whatToDo: 'Send the request again later, with backoff.',
    httpStatus: 503,
  },
  UNKNOWN_SNAPSHOT_VERSION: {
    meaning: 'No snapshot of this version has been published.',
    retryable: false,
    whatToDo: 'Leave out the version to get the newest snapshot, or give one that was published.',
    httpStatus: 404,
  },
  INVALID_EXPOSURE_CONTEXT: {
    meaning: "The slate's exposure context cannot be read.",
    retryable: false,
    whatToDo: 'Pass the context exactly as personalization wrote it.',
    httpStatus: 400,
  },
  MALFORMED_BATCH: {
    meaning: 'The body is not an EventBatch v1.',
    retryable: false,
    whatToDo: 'Send `{ producer, events }` with 1 to 500 events; none of this batch was stored.',
    httpStatus: 400,
  },
  INGEST_OVERLOADED: {
    meaning:
      'This replica is working on as many events as it may, or too many wait for their positions. Nothing of the batch was stored.',
    retryable: true,
    whatToDo: 'Send the batch again after `Retry-After` seconds, with backoff.',
    httpStatus: 429,
  },
  MALFORMED_EVENT: {
    meaning: 'The event does not match EventBatch v1.',
    retryable: false,
    whatToDo: 'Correct the producer; the event is stored among the refused ones.',
    httpStatus: 400,
  },
  UNKNOWN_KIND: {
    meaning: 'This release does not know events of this kind.',
    retryable: true,
    whatToDo: 'Keep the event and send it again; a newer release of experimentation accepts it.',
    httpStatus: 400,
  },
  KIND_NOT_ALLOWED: {
    meaning: 'The token of a service (EVENT_SOURCES) does not cover events of this kind.',
    retryable: false,
    whatToDo: 'Send interactions, heartbeats and goodbyes; only the platform itself sends the other kinds.',
    httpStatus: 403,
  },
  WRONG_PRODUCER: {
    meaning: 'A heartbeat or goodbye speaks for another producer than the one that sends the batch.',
    retryable: false,
    whatToDo: 'Let each process send its own heartbeats, in a batch that names it.',
    httpStatus: 400,
  },
  UNKNOWN_EXPERIMENT: {
    meaning: 'The exposure names an experiment that does not exist or was never started.',
    retryable: false,
    whatToDo: 'Check that producer and experimentation belong to the same environment.',
    httpStatus: 400,
  },
  UNKNOWN_VERSION: {
    meaning: 'The exposure names a version that the experiment never had.',
    retryable: false,
    whatToDo: 'Check that producer and experimentation belong to the same environment.',
    httpStatus: 400,
  },
  UNKNOWN_VARIANT: {
    meaning: 'The exposure names a variant that the experiment does not have.',
    retryable: false,
    whatToDo: 'Check that producer and experimentation belong to the same environment.',
    httpStatus: 400,
  },
  EVENT_TOO_OLD: {
    meaning: 'The event is older than the limit (EVENT_MAX_AGE_MS).',
    retryable: false,
    whatToDo: 'Deliver events sooner: analyses of that time may be final already.',
    httpStatus: 400,
  },
  EVENT_FROM_FUTURE: {
    meaning: 'The time of the event is further in the future than the limit (EVENT_MAX_FUTURE_MS).',
    retryable: true,
    whatToDo: "Correct the producer's clock, and send the event again later.",
    httpStatus: 400,
  },
})
