import { LineCounter } from 'yaml'
import type { SourceFile, SourceLocation } from '../model/source.ts'

/** Where offsets of a text stand; made once for many of them. */
export function lineIndex({ path, text }: SourceFile): (offset: number) => SourceLocation {
  const lines = new LineCounter()
  lines.addNewLine(0)
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines.addNewLine(at + 1)
  return function locationAt(offset) {
    const { line, col } = lines.linePos(offset)
    return { file: path, line, column: col }
  }
}
