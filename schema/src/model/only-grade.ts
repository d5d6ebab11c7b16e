import { GRADES, type Grade } from './finding.ts'

/** The grade of a code that has one only, with the reason for it. */
export function onlyGrade({ grades }: { readonly grades: Partial<Record<Grade, string>> }): {
  readonly grade: Grade
  readonly reason: string
} {
  for (const grade of GRADES) {
    const reason = grades[grade]
    if (reason !== undefined) return { grade, reason }
  }
  throw new Error('A code without a grade')
}
