import { isNode, LineCounter, parseDocument } from 'yaml'
import type { SourceFile, SourceLocation } from '../model/source.ts'

/** Tells where a part of a JSON file stands; where it is not there, the part around it. */
export function createJsonPlaces({
  path: file,
  text,
}: SourceFile): (path: readonly string[]) => SourceLocation {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  return (path) => {
    for (let length = path.length; length >= 0; length--) {
      const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true)
      if (!isNode(node) || !node.range) continue
      const { line, col } = lines.linePos(node.range[0])
      return { file, line, column: col }
    }
    return { file, line: 1, column: 1 }
  }
}
