#!/usr/bin/env node
import process from 'node:process'
import { runCommand } from './commands/run-command.ts'
import { loadTerminal } from './config.ts'

process.exitCode = await runCommand(process.argv.slice(2), loadTerminal())
