import type { Clock } from '@bulkhead/service/clock'
import type { Terminal } from './terminal.ts'

export type Progress = {
  /** How far it is, from 0 to 1, and what to say of it. */
  update(share: number, text: string): void
  /** A line of its own, which stays. */
  note(line: string): void
  /** Takes the bar away; to be called whatever happened. */
  end(): void
}

const BAR_WIDTH = 24
const TTY_INTERVAL_MS = 100
const LINE_INTERVAL_MS = 5_000
/** Carriage return and "erase the line" (ECMA-48). */
const START_OVER = '\r\u001b[2K'

/** Shows how far something is: one line written over again and again, or, for a log file, a line every few seconds. */
export function createProgress(options: { terminal: Terminal; clock: Clock; title: string }): Progress {
  const { terminal, clock, title } = options
  const tty = terminal.isTTY === true
  let nextAt = tty ? 0 : clock.now() + LINE_INTERVAL_MS
  let shown = ''

  function erase(): void {
    if (shown !== '') terminal.write(START_OVER)
    shown = ''
  }

  return {
    update(share, text) {
      const now = clock.now()
      if (now < nextAt) return
      nextAt = now + (tty ? TTY_INTERVAL_MS : LINE_INTERVAL_MS)
      const part = Math.min(1, Math.max(0, share))
      const percent = `${Math.floor(part * 100)}%`
      if (!tty) {
        terminal.write(`${title}: ${percent}, ${text}\n`)
        return
      }
      const filled = Math.round(part * BAR_WIDTH)
      erase()
      shown = `${title} [${'#'.repeat(filled)}${'-'.repeat(BAR_WIDTH - filled)}] ${percent.padStart(4)}  ${text}`
      terminal.write(shown)
    },
    note(line) {
      erase()
      terminal.write(`${line}\n`)
    },
    end: erase,
  }
}
