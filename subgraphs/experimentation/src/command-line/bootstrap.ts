import { urlOption } from '@bulkhead/service/api/url-option'
import { wholeNumber } from '@bulkhead/service/option-values'
import { type Command, Option } from 'commander'

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

type Shared = { readonly url?: string; readonly json?: true }
type RecordOptions = Shared & { readonly rationale: string; readonly evaluation?: string }
type ReviewOptions = Shared & {
  readonly approve?: true
  readonly reject?: true
  readonly comment: string
  readonly revision?: number
}

const TOKEN = 'It calls the API at BULKHEAD_URL with the token BULKHEAD_TOKEN, which needs'

/** `bootstrap list`, `record` and `review`: all of them through the API. */
export function defineBootstrapCommands(program: Command, ask: (command: BootstrapCommand) => void): void {
  const bootstrap = program
    .command('bootstrap')
    .summary('decide about the first model of a deployment, as two people')

  function asked(request: BootstrapRequest, { url, json }: Shared): void {
    ask({ name: 'bootstrap', request, url: url ?? null, json: json === true })
  }

  function define(name: string, summary: string, about: string, scopes: string): Command {
    return bootstrap
      .command(name)
      .summary(summary)
      .description(`${about} ${TOKEN} ${scopes}.`)
      .option('--json', 'for programs')
      .addOption(urlOption('the GraphQL endpoint, instead of BULKHEAD_URL'))
  }

  define('list', 'list these decisions', 'Lists every bootstrap decision.', 'experiments:read').action(
    (shared: Shared) => asked({ type: 'list' }, shared),
  )

  define(
    'record',
    'record that a model may be the first in production',
    `Records the decision to let an EVALUATED model version into production as the first one. Somebody else has to approve it,
always; it is refused once an experiment has shipped a model.`,
    'experiments:write and experiments:read',
  )
    .argument('<MODEL_VERSION>', 'its id')
    .addOption(new Option('--rationale <TEXT>', 'why').makeOptionMandatory())
    .option('--evaluation <HASH>', 'SHA-256 of the evaluation that it rests on')
    .action((modelVersionId: string, { rationale, evaluation, ...shared }: RecordOptions) =>
      asked({ type: 'record', modelVersionId, evaluationHash: evaluation ?? null, rationale }, shared),
    )

  define(
    'review',
    'approve or reject such a decision',
    `Approves or rejects a bootstrap decision. Without --revision it is what the decision is now; with the one that \`list\`
printed, a review of something that has changed since is refused. Who recorded it does not review it.`,
    'experiments:review and experiments:read',
  )
    .argument('<MODEL_VERSION>', 'its id')
    .option('--approve', 'it may go into production')
    .option('--reject', 'it may not')
    .addOption(new Option('--comment <TEXT>', 'why').makeOptionMandatory())
    .addOption(
      new Option('--revision <N>', 'refuse it at any other one; by default, the current one').argParser(
        wholeNumber(1),
      ),
    )
    .action(
      (modelVersionId: string, { approve, reject, comment, revision, ...shared }: ReviewOptions, command) => {
        if (approve === reject) command.error('give one of --approve and --reject')
        const approved = approve === true
        asked({ type: 'review', modelVersionId, revision: revision ?? null, approved, comment }, shared)
      },
    )
}
