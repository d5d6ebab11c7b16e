import { defineErrors } from '@bulkhead/service/errors'

/** What this subgraph can answer beside the common errors. `docs/errors.md` is generated from it. */
export const PERSONALIZATION_ERRORS = defineErrors({
  OUTBOX_FULL: {
    meaning: 'The queue of events for experimentation is full, so interactions cannot be recorded.',
    retryable: true,
    whatToDo: 'Send the same interactions again, with backoff; the same event ids are counted once.',
    httpStatus: 503,
  },
  INVALID_BATCH_SIZE: {
    meaning: 'One call records 1 to 500 interactions.',
    retryable: false,
    whatToDo: 'Send at least one interaction, and split what is more than 500 over several calls.',
    httpStatus: 400,
  },
  INVALID_EVENT_ID: {
    meaning: 'The event id is not a UUID, or one of version 8, which only the platform makes.',
    retryable: false,
    whatToDo: 'Give every interaction a random UUID of its own, and keep it when you send it again.',
    httpStatus: 400,
  },
  INVALID_IDENTIFIER: {
    meaning: 'An identifier is empty, longer than 256 characters, or not well-formed text.',
    retryable: false,
    whatToDo: 'Send the identifier as the catalogue or your user store has it.',
    httpStatus: 400,
  },
  INVALID_VALUE: {
    meaning: 'The value of an interaction is not a number of at most 10^12 in magnitude.',
    retryable: false,
    whatToDo: 'Send a number between -10^12 and 10^12, or leave `value` out.',
    httpStatus: 400,
  },
  INVALID_OCCURRED_AT: {
    meaning:
      'The interaction lies more than a minute in the future, or is older than INTERACTION_MAX_AGE_MS (7 days by default).',
    retryable: false,
    whatToDo:
      "Correct the client's clock, or leave `occurredAt` out to use the time of arrival. Bring in older history with `import interactions`.",
    httpStatus: 400,
  },
  INVALID_HIDE_CREATOR: {
    meaning: 'Only a HIDE can hide the creator of its item as well.',
    retryable: false,
    whatToDo: 'Send `hideCreator` with a HIDE, or leave it out.',
    httpStatus: 400,
  },
  CATALOGUE_LOADING: {
    meaning: 'This process has not read the catalogue yet, so it cannot search or count it.',
    retryable: true,
    whatToDo: 'Try again in some seconds; until then the process says that it is not ready.',
    httpStatus: 503,
  },
  SEARCH_BUSY: {
    meaning: 'More searches and counts of the catalogue are waiting than this process takes.',
    retryable: true,
    whatToDo: 'Try again with backoff, and leave out `totalCount` where you do not show it.',
    httpStatus: 503,
  },
  UNKNOWN_MODEL_VERSION: {
    meaning: 'There is no model version with this id.',
    retryable: false,
    whatToDo: 'Take an id that `models list` or the query `modelVersions` shows.',
    httpStatus: 404,
  },
  UNKNOWN_ARTEFACT: {
    meaning: 'No model version has this artefact, or it has expired.',
    retryable: false,
    whatToDo:
      'Take an `artefactHash` that the query `modelVersions` shows; `train` and `models import` bring new artefacts.',
    httpStatus: 404,
  },
  DAMAGED_ARTEFACT: {
    meaning: 'What is stored as the artefact has another SHA-256 than its version says.',
    retryable: false,
    whatToDo: 'Restore the datastore, or bring the model again with `train` or `models import`.',
    httpStatus: 409,
  },
  ILLEGAL_STEP: {
    meaning: 'The path of models does not have this step.',
    retryable: false,
    whatToDo: 'Take one step at a time; what leaves PRODUCTION is replaced or rolled back.',
    httpStatus: 409,
  },
  GATE_NOT_PASSED: {
    meaning: 'The version has not shown what this step needs.',
    retryable: false,
    whatToDo: 'Bring what is missing, which the message names, and ask again.',
    httpStatus: 409,
  },
  NOT_IN_PRODUCTION: {
    meaning: 'The version is not the one in PRODUCTION, so there is nothing to roll back.',
    retryable: false,
    whatToDo: 'Look which version serves now, and roll back that one if it is what you mean.',
    httpStatus: 409,
  },
  STAGE_CONFLICT: {
    meaning: 'Other changes of stage came in between, several times.',
    retryable: true,
    whatToDo: 'Look at the versions again, and ask again if the step still makes sense.',
    httpStatus: 409,
  },
  INVALID_REASON: {
    meaning: 'A reason is 1 to 1,000 characters of well-formed text.',
    retryable: false,
    whatToDo: 'Say why in a sentence; the stage history shows it.',
    httpStatus: 400,
  },
  UNKNOWN_ITEM: {
    meaning: 'The catalogue has no item with this id.',
    retryable: false,
    whatToDo: 'Import the item first, or correct the id.',
    httpStatus: 400,
  },
})
