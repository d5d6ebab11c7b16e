import { closeSync, openSync, realpathSync, writeSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { ImportError } from '../import-error.ts'

export type RejectsFile = {
  write(rejected: { readonly line: number; readonly problem: string; readonly text: string }): void
  /** Path of the file; null if nothing was rejected, as there is no file then. */
  path(): string | null
  close(): void
}

const HEADING = 'line\treason\ttext\n'
const MAX_TEXT_CHARACTERS = 4_096
const BUFFERED_CHARACTERS = 64 * 1024

/**
 * Keeps every rejected line with its number and reason, tab-separated. The file is created with the first of them: at
 * `path` if given, else as `<input>.rejects.txt` beside the input, or in the working folder if that one cannot be
 * written.
 */
export function createRejectsFile(options: { input: string; path: string | null }): RejectsFile {
  const { input, path: wanted } = options
  if (wanted !== null && isSameFile(wanted, input)) {
    throw new ImportError('--rejects names the file that is to be read: choose another')
  }
  let opened: { descriptor: number; path: string } | null = null
  let buffer = ''

  function flush(): void {
    if (opened !== null && buffer !== '') writeSync(opened.descriptor, buffer)
    buffer = ''
  }

  return {
    write({ line, problem, text }) {
      if (opened === null) {
        opened = wanted === null ? openBeside(input) : openAt(wanted)
        buffer = HEADING
      }
      buffer += `${line}\t${inOneLine(problem)}\t${inOneLine(text.slice(0, MAX_TEXT_CHARACTERS))}\n`
      if (buffer.length > BUFFERED_CHARACTERS) flush()
    },
    path: () => opened?.path ?? null,
    close() {
      flush()
      if (opened !== null) closeSync(opened.descriptor)
    },
  }
}

function openBeside(input: string): { descriptor: number; path: string } {
  const name = `${input}.rejects.txt`
  try {
    return { descriptor: openSync(name, 'w'), path: name }
  } catch {
    return openAt(resolve(`${basename(input)}.rejects.txt`))
  }
}

function openAt(path: string): { descriptor: number; path: string } {
  try {
    return { descriptor: openSync(path, 'w'), path }
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error)
    throw new ImportError(`rejected lines cannot be kept (${said}): name a file with --rejects`)
  }
}

function isSameFile(one: string, other: string): boolean {
  try {
    return realpathSync(one) === realpathSync(other)
  } catch {
    return false
  }
}

function inOneLine(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\t', '\\t').replaceAll('\n', '\\n').replaceAll('\r', '\\r')
}
