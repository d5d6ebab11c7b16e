import { createLogger } from '@bulkhead/service/logging'
import { npmAncestors, whenAncestorEnds } from '@bulkhead/service/process/ancestors'
import { parseCommandLine } from './command-line.ts'
import { loadStandaloneConfig, npmScript } from './config.ts'
import { runGateway } from './run-gateway.ts'

/** This file, as package.json's script names it. */
const PROGRAM = 'gateway/src/cli.ts'

const parsed = parseCommandLine(process.argv.slice(2))
switch (parsed.type) {
  case 'help':
    process.stdout.write(parsed.text)
    break
  case 'refused':
    process.stderr.write(`${parsed.message}\n`)
    process.exitCode = 1
    break
  case 'command':
    // Between npm and this process there can be a shell, which does not pass npm's signals on.
    whenAncestorEnds(npmAncestors(PROGRAM, { npm_lifecycle_script: npmScript() }), () =>
      process.kill(process.pid, 'SIGTERM'),
    )
    runGateway({
      loadConfig: () => loadStandaloneConfig(parsed.command),
      // Standard output is for the one line that says where the gateway is.
      createLog: (settings) => createLogger({ ...settings, destination: process.stderr }),
      onReady({ host, port }) {
        process.stdout.write(
          `gateway is up at http://${host.includes(':') ? `[${host}]` : host}:${port}/graphql\n`,
        )
      },
    })
}
