import { defineErrors } from '@bulkhead/service/errors'

/** What experimentation answers beyond the codes that every service shares. */
export const EXPERIMENTATION_ERRORS = defineErrors({
  INVALID_INPUT: {
    meaning: 'A field of the input has a value that an experiment cannot have.',
    retryable: false,
    whatToDo: 'Correct the field that `path` names; every problem is reported at once.',
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
    meaning: 'The experiment has changed since the revision that was sent.',
    retryable: false,
    whatToDo: 'Read the experiment again, decide again, and send its current revision.',
    httpStatus: 409,
  },
  ILLEGAL_TRANSITION: {
    meaning: 'The lifecycle has no such step from the status that the experiment is in.',
    retryable: false,
    whatToDo:
      'Take a step that the status allows: DRAFT -> RUNNING <-> PAUSED, RUNNING or PAUSED -> STOPPED.',
    httpStatus: 409,
  },
  PARAMETER_CONFLICT: {
    meaning:
      'Another experiment that still assigns sets the same serving parameter for units that both reach.',
    retryable: false,
    whatToDo: 'Give the two different surfaces or different parameters.',
    httpStatus: 409,
  },
  SNAPSHOT_FULL: {
    meaning: 'The snapshot lists as many experiments as it may.',
    retryable: false,
    whatToDo: 'Ask the operators: experiments that have ended must leave the snapshot first.',
    httpStatus: 409,
  },
  PUBLISH_CONTENTION: {
    meaning: 'Other changes were published again and again while this one was tried.',
    retryable: true,
    whatToDo: 'Send the change again.',
    httpStatus: 503,
  },
  UNKNOWN_SNAPSHOT_VERSION: {
    meaning: 'No snapshot of this version has been published.',
    retryable: false,
    whatToDo: 'Leave the version out for the newest snapshot, or name one that was published.',
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
    meaning: 'This replica takes in as many batches as it may at once.',
    retryable: true,
    whatToDo: 'Send the batch again after `Retry-After` seconds, with backoff.',
    httpStatus: 429,
  },
  MALFORMED_EVENT: {
    meaning: 'The event is not one that EventBatch v1 describes.',
    retryable: false,
    whatToDo: 'Correct the producer; the event is kept among the refused ones.',
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
    meaning: 'The event occurred longer ago than events are taken in (EVENT_MAX_AGE_MS).',
    retryable: false,
    whatToDo: 'Deliver events sooner; analyses up to then may be final.',
    httpStatus: 400,
  },
  EVENT_FROM_FUTURE: {
    meaning: "The event's time is further ahead than clocks may differ (EVENT_MAX_FUTURE_MS).",
    retryable: false,
    whatToDo: "Set the producer's clock.",
    httpStatus: 400,
  },
})
