import type { Finding } from '../model/finding.ts'

/**
 * Finds the breaking changes that an operation broke by. Each of its errors has to be explained by one that touches what
 * the operation uses there or, where none does, nearest around it; else nothing is found, and nobody knows why it broke.
 */
export function createFindCauses(findings: readonly Finding[]): (operation: Finding) => readonly Finding[] {
  const changes = new Map<string, Finding[]>()
  for (const finding of findings) {
    for (const key of new Set((finding.uses ?? []).flat())) {
      const known = changes.get(key)
      if (known === undefined) changes.set(key, [finding])
      else known.push(finding)
    }
  }

  return function findCauses({ errorUses = [], affected }) {
    const causes = new Set<Finding>()
    for (const around of errorUses) {
      const nearest = around
        .map((keys) => keys.flatMap((key) => changes.get(key) ?? []))
        .find((found) => found.length > 0)
      const breaks = (nearest ?? []).filter(
        (one) => one.grade === 'BREAKING' && affected.every(({ id }) => touches(one, id)),
      )
      if (breaks.length === 0) return []
      for (const one of breaks) causes.add(one)
    }
    return [...causes]
  }
}

function touches({ affected }: Finding, operation: string): boolean {
  return affected.some(({ id }) => id === operation)
}
