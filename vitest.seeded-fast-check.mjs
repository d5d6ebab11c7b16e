// Stands in for fast-check where FAST_CHECK_SEED is set (vitest.config.ts): every property then draws the same cases in
// each run, so that CI says the same of the same commit. Without it, every run draws new ones.
import { configureGlobal } from 'fast-check'

const seed = Number(process.env.FAST_CHECK_SEED)
if (!Number.isSafeInteger(seed)) throw new Error('FAST_CHECK_SEED must be a whole number')
configureGlobal({ seed })

export * from 'fast-check'
export { default } from 'fast-check'
