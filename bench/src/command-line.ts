import { type CommandLine, readCommandLine } from '@bulkhead/service/command-line'
import { InvalidArgumentError } from 'commander'
import type { GatewayBenchOptions } from './gateway/gateway-bench.ts'

type Asked = GatewayBenchOptions

type Parsed = {
  readonly rounds: number
  readonly requests: number
  readonly connections: number
  readonly sizes: readonly number[]
  readonly quick?: boolean
  readonly profile?: boolean
}

/** Enough to see that everything works; its figures say little. */
const QUICK = { rounds: 1, requests: 300 }

/** Reads the arguments; never throws. */
export function readCommand(args: readonly string[]): CommandLine<Asked> {
  return readCommandLine<Asked>({
    program: 'npm run bench --',
    args,
    define(program, ask) {
      program
        .command('gateway')
        .description('Compares the gateway with its peers on the same subgraphs: CPU, latency and memory.')
        .option('--rounds <N>', 'rounds; the figures are their medians', count(99), 3)
        .option('--requests <N>', 'requests of each peer in a round', count(1_000_000), 3_000)
        .option(
          '--connections <N>',
          'connections of the load, each with one request at a time',
          count(1_000),
          16,
        )
        .option('--sizes <LIST>', 'items of a slate', sizes, [20, 60, 200])
        .option('--quick', 'one round of few requests, to see that everything works')
        .option('--profile', 'have Node write CPU profiles of our gateway beside the results')
        .action(({ quick, profile, ...parsed }: Parsed) =>
          ask({ ...parsed, ...(quick === true ? QUICK : {}), profile: profile === true }),
        )
    },
  })
}

function count(max: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (Number.isInteger(value) && value >= 1 && value <= max) return value
    throw new InvalidArgumentError(`It is not a whole number from 1 to ${max}.`)
  }
}

function sizes(text: string): number[] {
  return text.split(',').map(count(500))
}
