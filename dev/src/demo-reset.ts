import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { runCommandLine } from './command-line.ts'
import { SERVICES, SUBGRAPHS, serviceEnvironment } from './environment.ts'
import { parseOptions } from './options.ts'
import { isAlive } from './ready.ts'
import { generateDevelopmentSecrets, SECRETS_FILE } from './secrets.ts'

const HELP = `npm run demo:reset -- [--mongodb URL] [--port N]

Deletes the data of both subgraphs and the development secrets, so that the next \`npm start\` begins anew.
It refuses while Bulkhead runs.
`

const reset = async (): Promise<number> => {
  const parsed = parseOptions(process.argv.slice(2), process.env)
  if (parsed.type === 'help') {
    process.stdout.write(HELP)
    return 0
  }
  if (parsed.type === 'refused') {
    process.stderr.write(`${parsed.message}\n`)
    return 1
  }
  const { options } = parsed
  for (const name of SERVICES) {
    if (await isAlive(options.ports[name])) {
      process.stderr.write(
        `Bulkhead is running (${name} answers on port ${options.ports[name]}): stop it first\n`,
      )
      return 1
    }
  }
  // Reset needs no secret that is in use; what it is given only has to be well-formed.
  const secrets = generateDevelopmentSecrets()
  for (const subgraph of SUBGRAPHS) {
    const env = { ...process.env, ...serviceEnvironment(subgraph, options, secrets) }
    const code = await runCommandLine(subgraph, ['reset', '--yes'], env)
    if (code !== 0) return code
  }
  rmSync(join(options.dataDir, SECRETS_FILE), { force: true })
  process.stdout.write('Reset: the next `npm start` loads the demo again\n')
  return 0
}

process.exitCode = await reset()
