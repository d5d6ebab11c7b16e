import { plainText } from '@bulkhead/service/plain-text'

/**
 * Text that others wrote (names, files, reasons) for a line of a log. What a terminal obeys is gone, and so is what CI
 * systems take for a command: `::error::` and `##[error]`.
 */
export function logText(text: string): string {
  return plainText(text)
    .replaceAll(/:(?=:)/g, ': ')
    .replaceAll(/##(?=\w*\[)/g, '# #')
}

/** The same for a text of several lines, as composition's errors are. */
export function logLines(text: string): readonly string[] {
  return linesOf(text).map((line) => logText(line))
}

export function linesOf(text: string): readonly string[] {
  return text.trimEnd().split(/\r\n|\r|\n/)
}
