import { urlOption } from '@bulkhead/service/api/url-option'
import { wholeNumber } from '@bulkhead/service/option-values'
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Step } from '../api/change-experiment.ts'
import { EXPERIMENT_STATUSES, type ExperimentStatus } from '../domain/experiment.ts'

type Change = { readonly key: string; readonly revision: number | null }

/** What is asked of experiments through the API; `--revision` left out is null. */
export type ExperimentRequest =
  | { readonly type: 'list'; readonly statuses: readonly string[]; readonly owner: string | null }
  | { readonly type: 'show'; readonly key: string }
  /** `-` for the standard input. */
  | { readonly type: 'create'; readonly file: string }
  | (Change & { readonly type: 'review'; readonly approved: boolean; readonly comment: string })
  | (Change & { readonly type: 'step'; readonly step: Step; readonly reason: string })

export type ExperimentCommand = {
  readonly name: 'experiment'
  readonly request: ExperimentRequest
  /** Null for the one of BULKHEAD_URL. */
  readonly url: string | null
  readonly json: boolean
}

type Shared = { readonly url?: string; readonly json?: true }
type ListOptions = Shared & { readonly status?: readonly ExperimentStatus[]; readonly owner?: string }
type ChangeOptions = Shared & { readonly revision?: number }
type StepOptions = ChangeOptions & { readonly reason: string }
type ReviewOptions = ChangeOptions & {
  readonly approve?: true
  readonly reject?: true
  readonly comment: string
}

const STEPS = [
  { step: 'submit', summary: 'submit an experiment for review', about: 'Submits a draft for review.' },
  {
    step: 'start',
    summary: 'start an approved experiment',
    about: 'Starts an experiment that has its approvals: it includes units from then on.',
  },
  {
    step: 'pause',
    summary: 'stop including units at once',
    about:
      'The kill switch: stops including units at once, at whatever revision the experiment is. It is one request.',
  },
  { step: 'resume', summary: 'go on after a pause', about: 'Includes units again after a pause.' },
  {
    step: 'stop',
    summary: 'close the data of an experiment',
    about: 'Closes the data for good. Units keep their variants until the decision.',
  },
] as const

const TOKEN = `It calls the API at BULKHEAD_URL with the token BULKHEAD_TOKEN, which needs`

/** `list`, `show`, `create`, `review` and the steps of the lifecycle: all of them through the API. */
export function defineExperimentCommands(program: Command, ask: (command: ExperimentCommand) => void): void {
  function asked(request: ExperimentRequest, { url, json }: Shared): void {
    ask({ name: 'experiment', request, url: url ?? null, json: json === true })
  }

  function define(name: string, summary: string, about: string, scope: string): Command {
    return program
      .command(name)
      .summary(summary)
      .description(`${about} ${TOKEN} ${scope}.`)
      .option('--json', 'for programs')
      .addOption(urlOption('the GraphQL endpoint, instead of BULKHEAD_URL'))
  }

  define('list', 'list experiments', 'Lists experiments, the newest first.', 'experiments:read')
    .addOption(
      new Option(
        '--status <STATUSES>',
        `only these, with commas between: ${EXPERIMENT_STATUSES.join(', ')}`,
      ).argParser(readStatuses),
    )
    .option('--owner <NAME>', 'only those of one owner')
    .action(({ status, owner, ...shared }: ListOptions) =>
      asked({ type: 'list', statuses: status ?? [], owner: owner ?? null }, shared),
    )

  define(
    'show',
    'show an experiment',
    `Shows an experiment: variants, plan, metrics, reviews, exposures, health, newest stored results and decision.`,
    'experiments:read',
  )
    .argument('<EXPERIMENT>', 'its key')
    .action((key: string, shared: Shared) => asked({ type: 'show', key }, shared))

  define(
    'create',
    'create an experiment',
    'Creates a draft from a CreateExperimentInput of the schema, as JSON. Every field that is refused is named.',
    'experiments:write',
  )
    .argument('<FILE>', 'a JSON file, or - for the standard input')
    .action((file: string, shared: Shared) => asked({ type: 'create', file }, shared))

  defineReview(
    define(
      'review',
      'approve or reject an experiment',
      `Approves or rejects an experiment in review. Without --revision it is what the experiment is now; with the one that
\`show\` printed, a review of something that has changed since is refused. Who created or edited it does not review it.`,
      'experiments:review and experiments:read',
    ),
    asked,
  )

  for (const { step, summary, about } of STEPS) {
    const scopes = step === 'pause' ? 'experiments:write' : 'experiments:write and experiments:read'
    define(step, summary, about, scopes)
      .argument('<EXPERIMENT>', 'its key')
      .addOption(revisionOption())
      .option('--reason <TEXT>', 'for the audit log', `npm run experimentation -- ${step}`)
      .action((key: string, { revision, reason, ...shared }: StepOptions) =>
        asked({ type: 'step', step, key, revision: revision ?? null, reason }, shared),
      )
  }
}

function defineReview(command: Command, asked: (request: ExperimentRequest, shared: Shared) => void): void {
  command
    .argument('<EXPERIMENT>', 'its key')
    .option('--approve', 'it may start')
    .option('--reject', 'it goes back to its author')
    .addOption(new Option('--comment <TEXT>', 'why').makeOptionMandatory())
    .addOption(revisionOption())
    .action((key: string, { approve, reject, comment, revision, ...shared }: ReviewOptions) => {
      if (approve === reject) command.error('give one of --approve and --reject')
      asked({ type: 'review', key, revision: revision ?? null, approved: approve === true, comment }, shared)
    })
}

function revisionOption(): Option {
  return new Option('--revision <N>', 'refuse it at any other one; by default, the current one').argParser(
    wholeNumber(1),
  )
}

function readStatuses(text: string): readonly ExperimentStatus[] {
  return text.split(',').map((part) => {
    const status = EXPERIMENT_STATUSES.find(
      (known) => known === part.trim().toUpperCase().replaceAll('-', '_'),
    )
    if (status === undefined) {
      throw new InvalidArgumentError(`Allowed are ${EXPERIMENT_STATUSES.join(', ')}.`)
    }
    return status
  })
}
