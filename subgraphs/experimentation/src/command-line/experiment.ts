import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Step } from '../api/change-experiment.ts'
import { EXPERIMENT_STATUSES, type ExperimentStatus } from '../domain/experiment.ts'
import {
  apiCommand,
  apiReview,
  isApproval,
  type ReviewOptions,
  revisionOption,
  type SharedOptions,
} from './api-command.ts'

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

type ListOptions = SharedOptions & { readonly status?: readonly ExperimentStatus[]; readonly owner?: string }
type StepOptions = SharedOptions & { readonly revision?: number; readonly reason: string }

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

/** `list`, `show`, `create`, `review` and the steps of the lifecycle: all of them through the API. */
export function defineExperimentCommands(program: Command, ask: (command: ExperimentCommand) => void): void {
  function asked(request: ExperimentRequest, { url, json }: SharedOptions): void {
    ask({ name: 'experiment', request, url: url ?? null, json: json === true })
  }

  apiCommand(program, {
    name: 'list',
    summary: 'list experiments',
    about: 'Lists experiments, the newest first.',
    scopes: 'experiments:read',
  })
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

  apiCommand(program, {
    name: 'show',
    summary: 'show an experiment',
    about:
      'Shows an experiment: variants, plan, metrics, reviews, exposures, health, newest stored results and decision.',
    scopes: 'experiments:read',
  })
    .argument('<EXPERIMENT>', 'its key')
    .action((key: string, shared: SharedOptions) => asked({ type: 'show', key }, shared))

  apiCommand(program, {
    name: 'create',
    summary: 'create an experiment',
    about:
      'Creates a draft from a CreateExperimentInput of the schema, as JSON. Every field that is refused is named.',
    scopes: 'experiments:write',
  })
    .argument('<FILE>', 'a JSON file, or - for the standard input')
    .action((file: string, shared: SharedOptions) => asked({ type: 'create', file }, shared))

  const review = apiCommand(program, {
    name: 'review',
    summary: 'approve or reject an experiment',
    about: `Approves or rejects an experiment in review. Without --revision it is what the experiment is now; with the one that
\`show\` printed, a review of something that has changed since is refused. Who created or edited it does not review it.`,
    scopes: 'experiments:review and experiments:read',
  }).argument('<EXPERIMENT>', 'its key')
  apiReview(review, { approve: 'it may start', reject: 'it goes back to its author' }).action(
    (key: string, options: ReviewOptions) => {
      const approved = isApproval(options, review)
      const { comment, revision } = options
      asked({ type: 'review', key, revision: revision ?? null, approved, comment }, options)
    },
  )

  for (const { step, summary, about } of STEPS) {
    const scopes = step === 'pause' ? 'experiments:write' : 'experiments:write and experiments:read'
    apiCommand(program, { name: step, summary, about, scopes })
      .argument('<EXPERIMENT>', 'its key')
      .addOption(revisionOption())
      .option('--reason <TEXT>', 'for the audit log', `npm run experimentation -- ${step}`)
      .action((key: string, { revision, reason, ...shared }: StepOptions) =>
        asked({ type: 'step', step, key, revision: revision ?? null, reason }, shared),
      )
  }
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
