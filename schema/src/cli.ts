#!/usr/bin/env node
import process from 'node:process'
import { runCommand } from './commands/run-command.ts'
import { loadTerminal } from './config.ts'

// Whoever reads the output may have seen enough, as `head` has: the outcome is the same.
process.stdout.on('error', (error: Error) => {
  if (!('code' in error) || error.code !== 'EPIPE') throw error
})
process.exitCode = await runCommand(process.argv.slice(2), loadTerminal())
