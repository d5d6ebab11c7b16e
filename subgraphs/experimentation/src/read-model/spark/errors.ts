/** The command that SPARK_SQL_COMMAND names cannot be started, ended by itself, or does not check arithmetic. */
export class SparkUnusableError extends Error {
  override readonly name = 'SparkUnusableError'
  readonly code = 'SPARK_UNUSABLE'
}

/** A statement failed on Spark. */
export class SparkError extends Error {
  override readonly name = 'SparkError'
  readonly code = 'SPARK_FAILED'
}
