import { finiteNumber } from '@bulkhead/service/option-values'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { ANALYSIS_METHODS, type AnalysisMethod, SPENDING_FUNCTIONS } from '../domain/plan/analysis-plan.ts'
import { METRIC_KINDS, type MetricKind } from '../domain/plan/metric.ts'
import { PLANNED_ROLES, type PlannedRole, type PowerQuestion } from '../domain/plan/power-question.ts'

export type PowerCommand = {
  readonly name: 'power'
  readonly question: PowerQuestion
  /** New units a day; `recent` asks the datastore for what experiments had, null leaves the duration out. */
  readonly traffic: number | 'recent' | null
  readonly json: boolean
}

type PowerOptions = {
  readonly kind: MetricKind
  readonly baseline: number
  readonly effect: number
  readonly variance?: number
  readonly absolute?: true
  readonly method: AnalysisMethod
  readonly looks?: number
  readonly spending?: string
  readonly oneSided?: true
  readonly thisTestAlone?: true
  readonly alpha: number
  readonly power: number
  readonly allocation: readonly number[]
  readonly successMetrics: number
  readonly guardrailMetrics: number
  readonly role?: PlannedRole
  readonly cupedCorrelation?: number
  readonly unitsPerDay?: number
  readonly recentTraffic?: true
  readonly json?: true
}

/** `power`: computed here; only `--recent-traffic` reads the datastore. */
export function definePower(program: Command, ask: (command: PowerCommand) => void): void {
  program
    .command('power')
    .summary('compute how many units an experiment needs')
    .description(
      `Prints how many units an experiment needs for an effect to be found, at the levels that the decision rule leaves each
test. It is what \`plannedSampleSize\` of a plan has to be. Nothing else is read unless --recent-traffic asks for it.`,
    )
    .addOption(required('--kind <KIND>', 'of the metric').choices(METRIC_KINDS))
    .addOption(
      required('--baseline <NUMBER>', 'of the control: a proportion, mean, ratio or quantile').argParser(
        finiteNumber,
      ),
    )
    .addOption(
      required('--effect <NUMBER>', 'what is to be found; of a guardrail, its margin').argParser(
        finiteNumber,
      ),
    )
    .option('--variance <NUMBER>', 'of one unit, as results show it; not for proportions', finiteNumber)
    .option('--absolute', 'the effect is in units of the metric, not a share of the baseline')
    .addOption(
      new Option('--method <METHOD>', 'of the plan').choices(ANALYSIS_METHODS).default('FIXED_HORIZON'),
    )
    .option('--looks <N>', 'how often results are looked at', finiteNumber)
    .addOption(new Option('--spending <NAME>', 'for GROUP_SEQUENTIAL').choices(SPENDING_FUNCTIONS))
    .option('--one-sided', 'a success is tested in one direction only')
    .option('--this-test-alone', 'alpha and power are of this test, not of the whole rule')
    .option('--alpha <NUMBER>', 'of the whole decision rule', finiteNumber, 0.05)
    .option('--power <NUMBER>', 'of the whole decision rule', finiteNumber, 0.8)
    .option('--allocation <SHARES>', 'of the variants, control first', finiteNumbers, [0.5, 0.5])
    .option('--success-metrics <N>', 'of the experiment', finiteNumber, 1)
    .option('--guardrail-metrics <N>', 'of the experiment', finiteNumber, 0)
    .addOption(new Option('--role <ROLE>', 'of this metric').choices(PLANNED_ROLES))
    .option('--cuped-correlation <NUMBER>', 'of the metric with itself before the exposure', finiteNumber)
    .option('--units-per-day <N>', 'new units a day, for the duration', readPositive)
    .option('--recent-traffic', 'take these from the exposures of recent experiments in the datastore')
    .option('--json', 'for programs')
    .action((options: PowerOptions) => {
      if (options.unitsPerDay !== undefined && options.recentTraffic) {
        program.error('give one of --units-per-day and --recent-traffic')
      }
      ask({
        name: 'power',
        question: questionOf(options),
        traffic: options.recentTraffic === true ? 'recent' : (options.unitsPerDay ?? null),
        json: options.json === true,
      })
    })
}

function questionOf(options: PowerOptions): PowerQuestion {
  const { kind, baseline, method, alpha, power, allocation, successMetrics, guardrailMetrics } = options
  return {
    ...{ kind, baseline, method, alpha, power, allocation, successMetrics, guardrailMetrics },
    minimumEffect: options.effect,
    variance: options.variance ?? null,
    scale: options.absolute === true ? 'ABSOLUTE' : 'RELATIVE',
    looks: options.looks ?? null,
    spending: options.spending ?? null,
    twoSided: options.oneSided !== true,
    wholeRule: options.thisTestAlone !== true,
    role: options.role ?? null,
    cupedCorrelation: options.cupedCorrelation ?? null,
  }
}

function required(flags: string, about: string): Option {
  return new Option(flags, about).makeOptionMandatory()
}

function readPositive(text: string): number {
  const value = finiteNumber(text)
  if (value <= 0) throw new InvalidArgumentError('It is not above 0.')
  return value
}

function finiteNumbers(text: string): number[] {
  return text.split(',').map(finiteNumber)
}
