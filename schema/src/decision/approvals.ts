import { LineCounter, parseDocument } from 'yaml'
import { z } from 'zod'
import { toValue } from '../inputs/located-value.ts'
import { CannotCheckError, type Problem, wholeFile } from '../model/cannot-check.ts'
import type { SourceFile, SourceLocation } from '../model/source.ts'
import { FINGERPRINT } from './fingerprint.ts'

/** A checked-in word of somebody that a finding is meant to be. */
export type Approval = {
  readonly fingerprint: string
  readonly reason: string
  readonly by: string
  /** The last day that it holds, as YYYY-MM-DD. */
  readonly expires: string
  readonly location: SourceLocation
}

const text = z.string().trim().min(1, 'a text that is not empty')
const approvalSchema = z.strictObject({
  fingerprint: z.string().regex(FINGERPRINT, 'the 16 hexadecimal digits that the report shows'),
  reason: text,
  by: text,
  expires: z.iso.date('a day as YYYY-MM-DD'),
})
const fileSchema = z.strictObject({ approvals: z.array(approvalSchema) })

const KEYS = Object.keys(approvalSchema.shape)

/**
 * Reads a file of approvals, YAML or JSON, in its order.
 * @throws CannotCheckError with every problem and its line
 */
export function readApprovals(file: SourceFile): readonly Approval[] {
  const lines = new LineCounter()
  // All scalars stay text, because a fingerprint can look like a number.
  const document = parseDocument(file.text, { schema: 'failsafe', lineCounter: lines })
  const placeOf = (offset: number | undefined): SourceLocation => {
    if (offset === undefined) return wholeFile(file.path)
    const { line, col } = lines.linePos(offset)
    return { file: file.path, line, column: col }
  }
  if (document.errors.length > 0) {
    throw new CannotCheckError(
      document.errors.map(({ message, pos }) => ({
        location: placeOf(pos[0]),
        message: `The file of approvals cannot be read: ${message.split('\n')[0]?.replace(/ at line.*/, '')}`,
        expected: 'YAML or JSON',
      })),
    )
  }
  const rangeOf = (path: readonly PropertyKey[]): SourceLocation => {
    for (let length = path.length; length > 0; length--) {
      const node = document.getIn(path.slice(0, length), true)
      if (hasRange(node)) return placeOf(node.range[0])
    }
    return placeOf(document.contents?.range?.[0])
  }
  const parsed = fileSchema.safeParse(toValue(file, document))
  if (!parsed.success)
    throw new CannotCheckError(parsed.error.issues.flatMap((issue) => describe(issue, rangeOf)))

  const { approvals } = parsed.data
  const located = approvals.map((approval, index) => ({
    ...approval,
    location: rangeOf(['approvals', index]),
  }))
  const first = new Map<string, number>()
  const repeated = located.flatMap(({ fingerprint, location }, index): Problem[] => {
    const before = first.get(fingerprint)
    if (before === undefined) {
      first.set(fingerprint, index)
      return []
    }
    const line = located[before]?.location.line
    return [
      {
        location,
        message: `The finding ${fingerprint} is approved twice`,
        expected: `one approval of each finding; the other is in line ${line}`,
      },
    ]
  })
  if (repeated.length > 0) throw new CannotCheckError(repeated)
  return located
}

function describe(
  issue: z.core.$ZodIssue,
  placeOf: (path: readonly PropertyKey[]) => SourceLocation,
): readonly Problem[] {
  const [list, index, key] = issue.path
  const where = list === undefined ? 'The file of approvals' : `Approval ${Number(index ?? 0) + 1}`
  if (issue.code === 'unrecognized_keys') {
    const known = list === undefined ? ['approvals'] : KEYS
    return issue.keys.map((unknown) => ({
      location: placeOf([...issue.path, unknown]),
      message: `${where} has the unknown key "${unknown}"`,
      expected: known.join(', '),
    }))
  }
  const location = placeOf(issue.path)
  if (key !== undefined) {
    const expected = issue.code === 'invalid_type' ? 'a text' : issue.message
    return [
      {
        location,
        message: `The key "${String(key)}" of ${where.toLowerCase()} is missing or wrong`,
        expected,
      },
    ]
  }
  return [
    {
      location,
      message: `${where} cannot be read`,
      expected: '`approvals:` with a list, each with fingerprint, reason, by and expires',
    },
  ]
}

function hasRange(node: unknown): node is { readonly range: readonly number[] } {
  return typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)
}
