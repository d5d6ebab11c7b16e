import { MODEL_STAGES, type ModelStage } from '@bulkhead/contracts'
import { urlOption } from '@bulkhead/service/api/url-option'
import { type Command, Option } from 'commander'

type Common = {
  readonly id: string
  /** Null for the one of BULKHEAD_URL. */
  readonly url: string | null
  readonly json: boolean
}

/** What is asked of the running service. */
export type ModelPathCommand =
  | ({ readonly name: 'models show' | 'shadow' } & Common)
  | ({ readonly name: 'promote'; readonly to: ModelStage | null; readonly reason: string } & Common)
  | ({ readonly name: 'rollback'; readonly reason: string } & Common)

type Given = { readonly url?: string; readonly json?: true }

const URL_ABOUT = 'the GraphQL endpoint, instead of BULKHEAD_URL'

export function defineShowModel(models: Command, ask: (command: ModelPathCommand) => void): void {
  models
    .command('show')
    .summary('show the path of a version, and what is missing for its next step')
    .description(
      `Shows the stations of a version: those behind it, with who moved it, why and on what evidence, and those ahead, with what
is missing. It calls the API at BULKHEAD_URL with the token BULKHEAD_TOKEN, which needs models:read.`,
    )
    .argument('<VERSION>')
    .addOption(urlOption(URL_ABOUT))
    .option('--json', 'everything, for programs')
    .action((id: string, given: Given) => ask({ name: 'models show', ...common(id, given) }))
}

export function defineModelPath(program: Command, ask: (command: ModelPathCommand) => void): void {
  program
    .command('shadow')
    .summary('show what a model version did in shadow, and what it lacks for an experiment')
    .description(
      `Shows how the lists of a model version compare with those that were served, over all replicas. A version in stage
SHADOW is asked about a sample of slates (SHADOW_SAMPLE_RATE) off the request path; users never see its lists. It calls the
API at BULKHEAD_URL with the token BULKHEAD_TOKEN, which needs models:read.`,
    )
    .argument('<VERSION>', 'the id of a model version, as `models list` shows it')
    .addOption(urlOption(URL_ABOUT))
    .option('--json', 'the report as JSON, null where there is none')
    .action((id: string, given: Given) => ask({ name: 'shadow', ...common(id, given) }))
  program
    .command('promote')
    .summary('move a version one step along its path')
    .description(
      `Moves a version one step along REGISTERED, EVALUATED, SHADOW, EXPERIMENT, PRODUCTION, or to RETIRED. What a step needs
and is not there is refused by name. It calls the API at BULKHEAD_URL with the token BULKHEAD_TOKEN, which needs models:read
and models:write.`,
    )
    .argument('<VERSION>')
    .addOption(new Option('--to <STAGE>', 'the stage (default: the next on the path)').choices(MODEL_STAGES))
    .requiredOption('--reason <TEXT>', 'why; the stage history shows it')
    .addOption(urlOption(URL_ABOUT))
    .option('--json', 'print the result as JSON')
    .action((id: string, { to, reason, ...given }: Given & { to?: ModelStage; reason: string }) =>
      ask({ name: 'promote', to: to ?? null, reason, ...common(id, given) }),
    )
  program
    .command('rollback')
    .summary('take a version out of production: the one before serves again')
    .description(
      `Takes the version out of production and puts the one before there, on every replica within about MODEL_REFRESH_MS. The decision that
let it in is used up, so it does not come back by itself. Naming the version makes a repeated call harmless. It calls the API
at BULKHEAD_URL with the token BULKHEAD_TOKEN, which needs models:write.`,
    )
    .argument('<VERSION>', 'the one that is in production')
    .requiredOption('--reason <TEXT>', 'why; the stage history shows it')
    .addOption(urlOption(URL_ABOUT))
    .option('--json', 'print the result as JSON')
    .action((id: string, { reason, ...given }: Given & { reason: string }) =>
      ask({ name: 'rollback', reason, ...common(id, given) }),
    )
}

function common(id: string, { url, json }: Given): Common {
  return { id, url: url ?? null, json: json === true }
}
