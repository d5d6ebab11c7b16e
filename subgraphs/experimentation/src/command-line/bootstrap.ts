import { type Command, Option } from 'commander'
import { apiCommand, apiReview, isApproval, type ReviewOptions, type SharedOptions } from './api-command.ts'

/** What is asked of bootstrap decisions through the API; `--revision` left out is null. */
export type BootstrapRequest =
  | { readonly type: 'list' }
  | {
      readonly type: 'record'
      readonly modelVersionId: string
      readonly evaluationHash: string | null
      readonly rationale: string
    }
  | {
      readonly type: 'review'
      readonly modelVersionId: string
      readonly revision: number | null
      readonly approved: boolean
      readonly comment: string
    }

export type BootstrapCommand = {
  readonly name: 'bootstrap'
  readonly request: BootstrapRequest
  /** Null for the one of BULKHEAD_URL. */
  readonly url: string | null
  readonly json: boolean
}

type RecordOptions = SharedOptions & { readonly rationale: string; readonly evaluation?: string }

/** `bootstrap list`, `record` and `review`: all of them through the API. */
export function defineBootstrapCommands(program: Command, ask: (command: BootstrapCommand) => void): void {
  const bootstrap = program
    .command('bootstrap')
    .summary('decide about the first model of a deployment, as two people')

  function asked(request: BootstrapRequest, { url, json }: SharedOptions): void {
    ask({ name: 'bootstrap', request, url: url ?? null, json: json === true })
  }

  apiCommand(bootstrap, {
    name: 'list',
    summary: 'list these decisions',
    about: 'Lists every bootstrap decision.',
    scopes: 'experiments:read',
  }).action((shared: SharedOptions) => asked({ type: 'list' }, shared))

  apiCommand(bootstrap, {
    name: 'record',
    summary: 'record that a model may be the first in production',
    about: `Records the decision to let an EVALUATED model version into production as the first one. Somebody else has to approve it,
always; it is refused once an experiment has shipped a model.`,
    scopes: 'experiments:write and experiments:read',
  })
    .argument('<MODEL_VERSION>', 'its id')
    .addOption(new Option('--rationale <TEXT>', 'why').makeOptionMandatory())
    .option('--evaluation <HASH>', 'SHA-256 of the evaluation that it rests on')
    .action((modelVersionId: string, { rationale, evaluation, ...shared }: RecordOptions) =>
      asked({ type: 'record', modelVersionId, evaluationHash: evaluation ?? null, rationale }, shared),
    )

  const review = apiCommand(bootstrap, {
    name: 'review',
    summary: 'approve or reject such a decision',
    about: `Approves or rejects a bootstrap decision. Without --revision it is what the decision is now; with the one that \`list\`
printed, a review of something that has changed since is refused. Who recorded it does not review it.`,
    scopes: 'experiments:review and experiments:read',
  }).argument('<MODEL_VERSION>', 'its id')
  apiReview(review, { approve: 'it may go into production', reject: 'it may not' }).action(
    (modelVersionId: string, options: ReviewOptions) => {
      const approved = isApproval(options, review)
      const { comment, revision } = options
      asked({ type: 'review', modelVersionId, revision: revision ?? null, approved, comment }, options)
    },
  )
}
