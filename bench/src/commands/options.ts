import { wholeNumber } from '@bulkhead/service/option-values'
import { type Command, Option } from 'commander'
import type { BenchContext } from '../context.ts'

/** Runs a bench; false where something answered wrongly. */
export type Bench = (context: BenchContext) => Promise<boolean>

export type Ask = (bench: Bench) => void

export type Counts = { readonly rounds: number; readonly requests: number; readonly connections: number }

/** Enough to see that everything works; the figures say little. */
export const QUICK = { rounds: 1, requests: 300 }
const MAX_ITEMS = 500
const MAX_UNITS = 100_000_000

export function withCounts(command: Command, counts: Counts): Command {
  return command
    .option('--rounds <N>', 'rounds, in each of which all take their turn', count(99), counts.rounds)
    .option('--requests <N>', 'requests of each in a round', count(1_000_000), counts.requests)
    .option('--connections <N>', 'requests of the load under way at a time', count(1_000), counts.connections)
    .option('--quick', 'one round of few requests, to see that everything works')
}

export function countsOf(options: Counts & { readonly quick?: true }): Counts {
  const { rounds, requests, connections } = options
  return options.quick === true ? { ...QUICK, connections } : { rounds, requests, connections }
}

export function choice(
  flags: string,
  about: string,
  choices: Readonly<Record<string, unknown>>,
  chosen = 'both',
): Option {
  return new Option(flags, about).choices(Object.keys(choices)).default(chosen)
}

export function count(max: number): (text: string) => number {
  return wholeNumber(1, max)
}

export function sizes(text: string): number[] {
  return text.split(',').map(count(MAX_ITEMS))
}

export function numbers(text: string): number[] {
  return text.split(',').map(count(MAX_UNITS))
}

export function names(text: string): string[] {
  return text.split(',').filter((name) => name !== '')
}
