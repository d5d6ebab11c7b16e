import type { Finding } from '../model/finding.ts'
import { markdownCode, markdownSentences, markdownText } from '../report/markdown-text.ts'
import { counted } from '../report/wording.ts'

export type ChangelogNames = { readonly base: string; readonly head: string }

/** What readers of a changelog look for, in the order in which it matters to them. */
const CHAPTERS: readonly { readonly title: string; readonly has: (finding: Finding) => boolean }[] = [
  { title: 'Breaking', has: ({ grade }) => grade === 'BREAKING' },
  { title: 'Breaking but unused', has: ({ downgradedFrom }) => downgradedFrom === 'BREAKING' },
  { title: 'Deprecations', has: ({ code }) => code.startsWith('DEPRECATION_') },
  { title: 'Dangerous', has: ({ grade }) => grade === 'DANGEROUS' },
  { title: 'Safe', has: () => true },
]

/** What changed between two states of a graph, in Markdown: by chapter, then subgraph, then type. */
export function renderChangelog(findings: readonly Finding[], { base, head }: ChangelogNames): string {
  const chapters = CHAPTERS.map(({ title }) => ({ title, findings: [] as Finding[] }))
  for (const finding of findings) {
    if (finding.section !== 'changes') continue
    chapters[CHAPTERS.findIndex(({ has }) => has(finding))]?.findings.push(finding)
  }
  const filled = chapters.filter((chapter) => chapter.findings.length > 0)
  const summary = filled.map((chapter) => `${chapter.title}: ${chapter.findings.length}.`)
  const total = filled.reduce((sum, chapter) => sum + chapter.findings.length, 0)
  const lines = [
    `# Schema changes from ${markdownText(base)} to ${markdownText(head)}`,
    '',
    total === 0 ? 'Nothing changed.' : `${counted(total, 'change')}. ${summary.join(' ')}`,
    ...filled.flatMap((chapter) => ['', `## ${chapter.title}`, ...subgraphLines(chapter.findings)]),
  ]
  return `${lines.join('\n')}\n`.toWellFormed()
}

/** Items begin with `*`, because an empty one that begins with `-` makes a heading of the line before. */
function subgraphLines(findings: readonly Finding[]): readonly string[] {
  return groupedBy(findings, ({ subgraphs }) => subgraphs.join(', ')).flatMap(([subgraphs, ofSubgraph]) => [
    '',
    `### ${subgraphs === '' ? 'The whole graph' : markdownText(subgraphs)}`,
    '',
    ...groupedBy(ofSubgraph, typeOf).flatMap(([type, ofType]) =>
      type === ''
        ? ofType.map((finding) => `* ${changeText(finding)}`)
        : [`* ${markdownCode(type)}`, ...ofType.map((finding) => `  * ${changeText(finding)}`)],
    ),
  ])
}

function changeText({ message, reason, grade, affected, downgradedFrom }: Finding): string {
  const isPlain = grade === 'SAFE' && downgradedFrom === undefined
  const names = affected.slice(0, 5).map(({ name }) => markdownCode(name))
  const more = affected.length > 5 ? ` and ${affected.length - 5} more` : ''
  return [
    markdownSentences(message),
    ...(isPlain ? [] : [markdownSentences(reason)]),
    ...(names.length === 0 ? [] : [`Affects ${names.join(', ')}${more}.`]),
  ].join(' ')
}

/** `Item` of `Item.title`, `Query` of `Query.items(first:)`, and a directive's name as it is. */
function typeOf({ coordinate }: Finding): string {
  return coordinate?.replace(/(?<=.)[.(].*$/s, '') ?? ''
}

/** Sorted by the key; within a group the order stays. */
function groupedBy(
  findings: readonly Finding[],
  keyOf: (finding: Finding) => string,
): readonly (readonly [string, readonly Finding[]])[] {
  const groups = new Map<string, Finding[]>()
  for (const finding of findings) {
    const key = keyOf(finding)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [finding])
    else group.push(finding)
  }
  return [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1))
}
