import { type DocumentNode, parse } from 'graphql'
import { createFindUses, type FindUses } from '../diff/find-uses.ts'
import type { AffectedOperation, Finding, Grade } from '../model/finding.ts'
import type { Graph } from '../model/graph.ts'
import type { KnownOperation, KnownOperations } from '../model/operation.ts'
import { createMayPlanDiffer } from './affected-plans.ts'
import { brokenUses } from './broken-uses.ts'
import { OPERATION_CODES, type OperationCode } from './operation-codes.ts'
import { createPlanner, type PlanShape } from './plan-shape.ts'
import { validateOperation } from './validate-operation.ts'

const SHORT_ID = 8

/**
 * Every known operation validated against the head and planned: section `operations`. Without a base only what is
 * invalid is found.
 */
export function checkOperations(
  base: Graph | null,
  head: Graph,
  { operations }: KnownOperations,
): readonly Finding[] {
  const comparePlans = base === null ? () => [] : createPlanComparison(base, head)
  const before = base === null ? null : { graph: base, findUses: createFindUses(base.apiSchema) }
  return operations.flatMap((operation) => {
    const document = parse(operation.document, { noLocation: true })
    const invalid = findInvalid(operation, document, before, head)
    return invalid === null ? comparePlans(operation, document) : [invalid]
  })
}

/** null for an operation that is valid. */
function findInvalid(
  operation: KnownOperation,
  document: DocumentNode,
  before: { readonly graph: Graph; readonly findUses: FindUses } | null,
  head: Graph,
): Finding | null {
  const errorsIn = (graph: Graph) => validateOperation(document, graph.apiSchema, operation.location === null)
  const errors = errorsIn(head)
  const [first, ...others] = errors
  if (first === undefined) return null
  const more = others.length === 0 ? '' : ` And ${others.length} more.`
  const why = `${first.message.replace(/(?<![.?])$/, '.')}${more}`
  if (before !== null && errorsIn(before.graph).length === 0) {
    const message = `Operation ${nameOf(operation)} is not valid any more: ${why}`
    return {
      ...finding(operation, { code: 'OPERATION_INVALID', grade: 'BREAKING', message }),
      errorUses: brokenUses(document, errors, before.findUses),
    }
  }
  // A committed document may be as new as the change; one that clients were seen to send is not.
  const isOld = before !== null && operation.location === null
  return isOld
    ? finding(operation, {
        code: 'OPERATION_ALREADY_INVALID',
        grade: 'WARNING',
        message: `Operation ${nameOf(operation)} is invalid, as it was before: ${why}`,
      })
    : finding(operation, {
        code: 'OPERATION_INVALID',
        grade: 'ERROR',
        message: `Operation ${nameOf(operation)} is invalid: ${why}`,
      })
}

function createPlanComparison(base: Graph, head: Graph) {
  const mayDiffer = createMayPlanDiffer(base, head)
  const planBefore = createPlanner(base.supergraph)
  const planAfter = createPlanner(head.supergraph)
  return function comparePlans(operation: KnownOperation, document: DocumentNode): readonly Finding[] {
    if (!mayDiffer(document)) return []
    const after = planned(planAfter, document)
    if (typeof after === 'string') {
      return [
        finding(operation, {
          code: 'OPERATION_NOT_PLANNABLE',
          grade: 'ERROR',
          message: `Operation ${nameOf(operation)} cannot be planned: ${after}.`,
        }),
      ]
    }
    // It was not valid before, so nobody relies on its plan.
    if (validateOperation(document, base.apiSchema, operation.location === null).length > 0) return []
    const before = planned(planBefore, document)
    return typeof before === 'string' ? [] : differences(operation, before, after)
  }
}

/** @returns why there is no plan, where there is none */
function planned(plan: (document: DocumentNode) => PlanShape, document: DocumentNode): PlanShape | string {
  try {
    return plan(document)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return (message.split('\n')[0] ?? '').replace(/\.$/, '')
  }
}

function differences(operation: KnownOperation, before: PlanShape, after: PlanShape): readonly Finding[] {
  const name = nameOf(operation)
  const added = after.subgraphs.filter((subgraph) => !before.subgraphs.includes(subgraph))
  const findings: Finding[] = []
  if (added.length > 0) {
    findings.push(
      finding(operation, {
        code: 'OPERATION_NEEDS_SUBGRAPH',
        grade: 'DANGEROUS',
        message: `Operation ${name} now needs ${added.join(', ')}: its plan asked ${list(before.subgraphs)}, and asks ${list(after.subgraphs)}.`,
        subgraphs: added,
        // Approving that it needs one subgraph approves no other.
        key: `${operation.id} ${added.join(' ')}`,
      }),
    )
  }
  if (after.roundTrips > before.roundTrips) {
    findings.push(
      finding(operation, {
        code: 'OPERATION_ROUND_TRIP_ADDED',
        grade: 'DANGEROUS',
        message: `Operation ${name} now takes ${after.roundTrips} round trips one after the other instead of ${before.roundTrips}: its plan asked ${list(before.subgraphs)}, and asks ${list(after.subgraphs)}.`,
        subgraphs: after.subgraphs,
      }),
    )
  }
  return findings
}

function list(subgraphs: readonly string[]): string {
  return subgraphs.length === 0 ? 'nobody' : subgraphs.join(', ')
}

function finding(
  operation: KnownOperation,
  found: {
    readonly code: OperationCode
    readonly grade: Grade
    readonly message: string
    readonly subgraphs?: readonly string[]
    readonly key?: string
  },
): Finding {
  const { code, grade, message, subgraphs = [], key = operation.id } = found
  const reasons: Partial<Record<Grade, string>> = OPERATION_CODES[code].grades
  return {
    section: 'operations',
    code,
    grade,
    message,
    reason: reasons[grade] ?? '',
    coordinate: null,
    subgraphs,
    location: operation.location,
    affected: [affectedOf(operation)],
    key,
  }
}

function affectedOf(operation: KnownOperation): AffectedOperation {
  const { id, usage } = operation
  return {
    name: nameOf(operation),
    id,
    clients: usage?.clients ?? [],
    count: usage?.count ?? null,
    lastSeen: usage?.lastSeen ?? null,
  }
}

function nameOf({ name, id }: KnownOperation): string {
  return name ?? id.slice(0, SHORT_ID)
}
