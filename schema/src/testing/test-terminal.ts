import type { Terminal } from '../commands/terminal.ts'

/** A terminal in memory, outside of CI, on a day that never changes. */
export function createTestTerminal(folder: string, overrides: Partial<Terminal> = {}) {
  let output = ''
  let errors = ''
  const terminal: Terminal = {
    folder,
    environment: {},
    today: '2026-11-28',
    hasColors: false,
    write: (text) => {
      output += text
    },
    writeError: (text) => {
      errors += text
    },
    isStopped: () => false,
    ...overrides,
  }
  return { terminal, output: () => output, errors: () => errors }
}
