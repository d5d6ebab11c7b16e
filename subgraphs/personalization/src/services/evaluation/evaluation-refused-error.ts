/** A model that cannot be evaluated as it was asked. The message says what to do. */
export class EvaluationRefusedError extends Error {
  override readonly name = 'EvaluationRefusedError'
  readonly code:
    | 'NO_INTERACTIONS'
    | 'NO_SUCH_SPLIT'
    | 'UNKNOWN_MODEL'
    | 'TOO_LARGE'
    | 'BROKEN_ARTEFACT'
    | 'IS_CHAMPION'
    | 'NOT_TEMPORAL'
    | 'SEEN_TEST_DATA'
    | 'NO_USERS'
    | 'NO_LOGGED_SLATES'

  constructor(code: EvaluationRefusedError['code'], message: string) {
    super(message)
    this.code = code
  }
}
