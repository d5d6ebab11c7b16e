/** How many operations the differential tests generate in all. Set it higher for a longer run. */
export const OPERATIONS = readNumber('DIFFERENTIAL_OPERATIONS', 5_000)

/** Of one test: generous, so that a longer run does not need another setting. */
export const TIMEOUT_MS = 60_000 + 50 * OPERATIONS

/** Where the random numbers begin. Another seed gives other graphs and other operations. */
export const SEED = readNumber('DIFFERENTIAL_SEED', 1)

function readNumber(name: string, byDefault: number): number {
  const value = Number(process.env[name] ?? byDefault)
  if (!Number.isSafeInteger(value) || value < 1) throw new Error(`${name} must be a positive integer`)
  return value
}
