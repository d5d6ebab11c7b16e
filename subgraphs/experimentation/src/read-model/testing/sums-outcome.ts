import { SumOverflowError } from '../errors.ts'
import type { Sums } from '../port.ts'

/** Sums without their SQL, so that those of different engines can be compared, or the message that they overflow. */
export async function sumsOutcome(
  work: () => Promise<Omit<Sums, 'sql'>> | Omit<Sums, 'sql'>,
): Promise<Omit<Sums, 'sql'> | string> {
  try {
    const { sql: _, ...sums } = { sql: [], ...(await work()) }
    return sums
  } catch (error) {
    if (error instanceof SumOverflowError) return error.message
    throw error
  }
}
