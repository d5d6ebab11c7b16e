import process from 'node:process'
import type { Terminal } from './commands/terminal.ts'

/** The process, as the command sees it. Only CI systems' variables, NO_COLOR and FORCE_COLOR count. */
export function loadTerminal(): Terminal {
  const { NO_COLOR = '', FORCE_COLOR = '' } = process.env
  return {
    folder: process.cwd(),
    environment: process.env,
    today: new Date().toISOString().slice(0, 10),
    hasColors: FORCE_COLOR !== '' || (process.stdout.isTTY === true && NO_COLOR === ''),
    write: (text) => void process.stdout.write(text),
    writeError: (text) => void process.stderr.write(text),
    // A signal ends the process.
    isStopped: () => false,
  }
}
