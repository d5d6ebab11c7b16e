import { signDevelopmentToken } from '@bulkhead/gateway/identity/development-token'
import { readCommandLine } from '@bulkhead/service/command-line'
import { ACT_FOR_USERS, SCOPES } from '@bulkhead/service/identity/identity'
import { InvalidArgumentError } from 'commander'
import { DEVELOPMENT_SERVICE } from './environment.ts'
import { loadDevelopmentSecrets } from './secrets.ts'

type TokenOptions =
  | { readonly type: 'user'; readonly subject: string; readonly scopes: readonly string[] }
  | { readonly type: 'service' }

const PROGRAM = 'npm run -s token --'
const LIFETIME_S = 3_600
/** A person's: nobody acts for others without asking for it. */
const DEFAULT_SCOPES = SCOPES.filter((scope) => scope !== ACT_FOR_USERS)

const parsed = readCommandLine<TokenOptions>({
  program: PROGRAM,
  args: process.argv.slice(2),
  define(command, ask) {
    command
      .description(
        `Prints a token of one hour, with which a request is this user's instead of the developer's:
curl -H "authorization: Bearer $(npm run -s token -- bob)" ...`,
      )
      .argument('<user>', 'the id of the user', readUser)
      .option('--events', `instead: the token with which the service ${DEVELOPMENT_SERVICE} sends events`)
      .option(
        '--scopes <list>',
        `with these scopes, separated by commas; '' for none (all but ${ACT_FOR_USERS} unless given)`,
        readScopes,
      )
      .addHelpText(
        'after',
        `\nScopes: ${SCOPES.join(', ')}\nEnvironment: DATA_DIR (.data) is the folder of the development secrets`,
      )
      .action((subject: string, given: { scopes?: readonly string[]; events?: true }) => {
        if (given.events !== true) {
          return ask({ type: 'user', subject, scopes: given.scopes ?? DEFAULT_SCOPES })
        }
        if (given.scopes !== undefined) command.error('error: --events takes no scopes')
        if (subject !== DEVELOPMENT_SERVICE)
          command.error(`error: the only service is ${DEVELOPMENT_SERVICE}`)
        ask({ type: 'service' })
      })
  },
})

if (process.env.npm_config_scopes !== undefined) {
  refuse(`npm took --scopes for itself: write the user and the options after --, as in ${PROGRAM} bob`)
} else if (parsed.type === 'help') {
  process.stdout.write(parsed.text)
} else if (parsed.type === 'refused') {
  refuse(parsed.message)
} else {
  await print(parsed.command)
}

async function print(options: TokenOptions): Promise<void> {
  try {
    const { tokenSecret, shopToken } = loadDevelopmentSecrets(process.env.DATA_DIR ?? '.data')
    const token =
      options.type === 'service'
        ? shopToken
        : await signDevelopmentToken({ ...options, secret: tokenSecret, lifetimeS: LIFETIME_S })
    process.stdout.write(`${token}\n`)
  } catch (error) {
    refuse(error instanceof Error ? error.message : String(error))
  }
}

function refuse(message: string): void {
  process.stderr.write(`${message}\n`)
  process.exitCode = 1
}

function readUser(text: string): string {
  if (text.trim() !== '' && text.length <= 256) return text
  throw new InvalidArgumentError('Give 1 to 256 characters.')
}

function readScopes(text: string): readonly string[] {
  const scopes = text.split(/[ ,]+/).filter((scope) => scope !== '')
  const unknown = scopes.find((scope) => !SCOPES.includes(scope))
  if (unknown === undefined) return scopes
  throw new InvalidArgumentError(`There is no scope ${unknown}; there are ${SCOPES.join(', ')}.`)
}
