import { readCommand } from './command-line.ts'
import { loadConfig } from './config.ts'

const asked = readCommand(process.argv.slice(2))
if (asked.type === 'help') process.stdout.write(asked.text)
else if (asked.type === 'refused') {
  process.stderr.write(`${asked.message}\n`)
  process.exitCode = 1
} else {
  const resources = new AsyncDisposableStack()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => void resources.disposeAsync().finally(() => process.exit(1)))
  }
  try {
    const allRight = await asked.command({
      config: loadConfig(),
      resources,
      write: (line) => process.stdout.write(`${line}\n`),
      progress: (line) => process.stderr.write(`${line}\n`),
    })
    if (!allRight) process.exitCode = 1
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
    process.exitCode = 1
  } finally {
    await resources.disposeAsync()
  }
}
