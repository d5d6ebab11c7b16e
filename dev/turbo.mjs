/** Runs turbo with its telemetry off, on every system alike. Plain JavaScript: it starts before the Node check. */
import './check-node.mjs'
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'

const turbo = createRequire(import.meta.url).resolve('turbo/bin/turbo')
const { status } = spawnSync(process.execPath, [turbo, ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1' },
})
process.exitCode = status ?? 1
