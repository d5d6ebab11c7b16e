import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { type Clock, systemClock } from '../clock.ts'
import type { Environment } from './config.ts'
import { setting } from './setting.ts'

/** How long a process goes on with the time that it knows, by a clock that nobody moves. */
const READ_AGAIN_MS = 10

/** `DEVELOPMENT_CLOCK_FILE`. */
export function developmentClockSetting() {
  return setting<string | null>({
    about:
      'The file from which this process reads by how many milliseconds its time differs from that of the machine: with it the demo lets a fortnight pass in seconds. Only with NODE_ENV=development set.',
    expected: 'a file',
    default: null,
    shownDefault: 'none: the time of the machine',
    read: (raw) => ({ ok: raw }),
  })
}

/**
 * The default of NODE_ENV is not enough: a deployment that forgot it must not take its time from a file.
 * @returns the problems, as `refuseProblems` takes them
 */
export function developmentClockProblems(
  { DEVELOPMENT_CLOCK_FILE: file }: { readonly DEVELOPMENT_CLOCK_FILE: string | null },
  env: Environment,
): readonly string[] {
  if (file === null || env.NODE_ENV === 'development') return []
  return ['DEVELOPMENT_CLOCK_FILE: needs NODE_ENV=development (unset it: it is for development)']
}

/**
 * The clock of a process whose setting is `file`: that of the machine where it is null, or where there is no such file.
 * Processes that read the same file see it change within 10 ms.
 * @throws Error where the file does not hold a whole number
 */
export function createClock(file: string | null): Clock {
  if (file === null) return systemClock
  let offsetMs = readOffset(file)
  let readAt = performance.now()
  return {
    now() {
      if (performance.now() - readAt >= READ_AGAIN_MS) {
        offsetMs = readOffset(file)
        readAt = performance.now()
      }
      return systemClock.now() + offsetMs
    },
  }
}

/** Moves the time of every process that reads the file, which never sees half of it. */
export function setDevelopmentClock(file: string, offsetMs: number): void {
  writeFileSync(`${file}.new`, `${offsetMs}\n`)
  renameSync(`${file}.new`, file)
}

/** By how much the time differs that the file says; 0 where there is no file. @throws Error as `createClock` */
export function readOffset(file: string): number {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 0
    throw error
  }
  if (!/^-?\d{1,15}\s*$/.test(text)) throw new Error(`${file} does not hold a whole number of milliseconds`)
  return Number(text)
}
