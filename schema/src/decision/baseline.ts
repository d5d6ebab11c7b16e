import { z } from 'zod'
import { cannotCheck, wholeFile } from '../model/cannot-check.ts'
import type { Finding, JudgedFinding } from '../model/finding.ts'
import type { SourceFile, SourceLocation } from '../model/source.ts'
import { FINGERPRINT } from './fingerprint.ts'

/** What was found when the tool was introduced, and is taken as given. */
export type Baseline = {
  readonly entries: readonly BaselineEntry[]
  readonly location: SourceLocation
}
export type BaselineEntry = z.infer<typeof entrySchema>

const entrySchema = z.strictObject({
  fingerprint: z.string().regex(FINGERPRINT),
  /** These two are for the reader. */
  code: z.string(),
  coordinate: z.string().nullable(),
})
const fileSchema = z.strictObject({ version: z.literal(1), findings: z.array(entrySchema) })

/** Only what is wrong with the graph as it is: a change is new, whatever else there was, and takes an approval. */
export function canBeGiven({ section, grade }: Finding): boolean {
  return grade === 'ERROR' && (section === 'lint' || section === 'operations' || section === 'contracts')
}

/** The text of a baseline that takes these findings as given: those that could fail and are about no change. */
export function writeBaseline(findings: readonly JudgedFinding[]): string {
  const given = new Map(findings.filter(canBeGiven).map((finding) => [finding.fingerprint, finding]))
  const entries = [...given]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([fingerprint, { code, coordinate }]) => ({ fingerprint, code, coordinate }))
  return `${JSON.stringify({ version: 1, findings: entries }, null, 2)}\n`
}

/** @throws CannotCheckError where the file is not what `writeBaseline` writes */
export function readBaseline(file: SourceFile): Baseline {
  const location = wholeFile(file.path)
  const expected = 'what `bulkhead-schema check --write-baseline` writes'
  let value: unknown
  try {
    value = JSON.parse(file.text)
  } catch {
    cannotCheck('The baseline is not JSON', expected, location)
  }
  const parsed = fileSchema.safeParse(value)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const place = issue?.path.length ? ` at ${issue.path.join('.')}` : ''
    return cannotCheck(`The baseline is wrong${place}: ${issue?.message}`, expected, location)
  }
  return { entries: parsed.data.findings, location }
}
