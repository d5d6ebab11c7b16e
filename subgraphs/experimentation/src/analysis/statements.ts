import type { AnalysedEvents } from './analysed-events.ts'

/**
 * The statements of an analysis as a person reads them, with comments that say what each part is about. Those of the looks
 * differ in nothing but the cutoff, so only the last look's are there; a segment's are those of all units but the few that
 * are shown.
 */
export function statementsOf({ sums, looks, segments }: AnalysedEvents): readonly string[] {
  const last = looks.at(-1)
  const known = new Set(sums.sql)
  const days = looks.map(({ look }) => new Date(look.cutoff).toISOString().slice(0, 10))
  return [
    ...sums.sql,
    ...(last === undefined
      ? []
      : [`-- the looks until the start of ${days.join(', ')}: the last one`, ...last.sums.sql]),
    ...segments.flatMap(({ attribute, sums: own }) => [
      `-- by ${attribute}: the statements above once more, with these beside them or in their place`,
      ...own.sql.filter((text) => !known.has(text)),
    ]),
  ]
}
