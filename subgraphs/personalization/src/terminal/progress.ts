import type { Clock } from '@bulkhead/service/clock'
import type { Terminal } from './terminal.ts'

export type Progress = {
  /** `share` is from 0 to 1; `text` is shown after it. */
  update(share: number, text: string): void
  /** Prints a line that stays. */
  note(line: string): void
  /** Removes the bar. Call it after a failure too. */
  end(): void
}

const BAR_WIDTH = 24
const TTY_INTERVAL_MS = 100
const LINE_INTERVAL_MS = 5_000
/** Carriage return and "erase the line" (ECMA-48). */
const START_OVER = '\r\u001b[2K'

/** Shows progress: on a terminal one line that is overwritten, elsewhere a line every few seconds. */
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
