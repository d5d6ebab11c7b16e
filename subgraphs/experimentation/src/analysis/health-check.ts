export type HealthCheckKind =
  | 'SERVED_SAMPLE_RATIO'
  | 'TRIGGERED_SAMPLE_RATIO'
  | 'MULTIPLE_EXPOSURE'
  | 'MISSING_DATA'
  | 'PRE_EXPOSURE_BALANCE'
  | 'UNEQUAL_DEGRADATION'

export type HealthCheck = {
  readonly kind: HealthCheckKind
  readonly passed: boolean
  /** Null where the check is no test. */
  readonly pValue: number | null
  /** By variant, in the order of the experiment's; one number of all units where the check is not about variants. */
  readonly observed: readonly number[]
  readonly expected: readonly number[]
  readonly detail: string
}
