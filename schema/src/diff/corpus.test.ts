import {
  BreakingChangeType,
  DangerousChangeType,
  findBreakingChanges,
  findDangerousChanges,
  parse,
  validate,
} from 'graphql'
import { describe, expect, test } from 'vitest'
import type { Graph } from '../model/graph.ts'
import { sampleGraph } from '../testing/sample-graph.ts'
import { CHANGE_CODES } from './change.ts'
import { compareGraphs } from './compare-graphs.ts'
import { readCorpus } from './testing/corpus.ts'

const CORPUS = readCorpus()

const composed = new Map<string, Graph>()

/** Composes each base once: most cases share the shop. */
function baseGraph(subgraphs: Readonly<Record<string, string>>): Graph {
  const key = JSON.stringify(subgraphs)
  const graph = composed.get(key) ?? sampleGraph(subgraphs, 'base')
  composed.set(key, graph)
  return graph
}

describe.each(CORPUS)('$name', ({ base, head, operations, expected, graphqlJs }) => {
  const before = baseGraph(base)
  const after = sampleGraph(head)
  const findings = compareGraphs(before, after, operations)

  test('is found, and graded as expected', () => {
    const found = findings.map((finding) => ({
      change: [finding.grade, finding.code, finding.coordinate].filter((part) => part !== null).join(' '),
      reason: finding.reason,
      affects: finding.affected.map(({ name }) => name),
    }))
    expect(found).toEqual(expected)
  })

  test('has findings that can be told apart, with a place, and with somebody to blame', () => {
    const keys = findings.map(({ key }) => key)
    expect(new Set(keys).size).toBe(keys.length)
    for (const { coordinate, location, subgraphs, key } of findings) {
      expect(subgraphs, key).not.toEqual([])
      if (coordinate !== null) expect(location, key).not.toBeNull()
    }
  })

  test('is what graphql-js says it is', () => {
    const kinds = [
      ...findBreakingChanges(before.apiSchema, after.apiSchema),
      ...findDangerousChanges(before.apiSchema, after.apiSchema),
    ].filter(({ description }) => !description.startsWith('Standard scalar'))
    expect([...new Set(kinds.map(({ type }) => type))].toSorted()).toEqual(graphqlJs.toSorted())
    const isBreak = kinds.some(({ type }) => type in BreakingChangeType)
    const grades = findings.map(({ grade, downgradedFrom }) => downgradedFrom ?? grade)
    if (isBreak) expect(grades).toContain('BREAKING')
  })

  test('has operations that the base accepts', () => {
    for (const { document } of operations.operations) {
      expect(validate(before.apiSchema, parse(document))).toEqual([])
    }
  })
})

describe('the corpus', () => {
  test('has at least 120 planted changes', () => {
    expect(CORPUS.filter(({ expected }) => expected.length > 0).length).toBeGreaterThanOrEqual(120)
    expect(new Set(CORPUS.map(({ name }) => name)).size).toBe(CORPUS.length)
  })

  test.each([...Object.keys(BreakingChangeType), ...Object.keys(DangerousChangeType)])(
    'has a case of what graphql-js calls %s',
    (kind) => {
      expect(CORPUS.some(({ graphqlJs }) => graphqlJs.includes(kind))).toBe(true)
    },
  )

  test.each(
    Object.entries(CHANGE_CODES).flatMap(([code, { grades }]) =>
      Object.keys(grades).map((grade) => ({ code, grade })),
    ),
  )('has a case of $code that is $grade', ({ code, grade }) => {
    const changes = CORPUS.flatMap(({ expected }) => expected.map(({ change }) => change))
    expect(changes.some((change) => change.startsWith(`${grade} ${code}`))).toBe(true)
  })
})
