import { parse, print } from 'graphql'
import { z } from 'zod'
import type { CheckConfig } from '../config/check-config.ts'
import { type FileTree, readMatching } from '../inputs/file-tree.ts'
import { CannotCheckError, cannotCheck, type Problem } from '../model/cannot-check.ts'
import type { KnownOperation, KnownOperations, OperationUsage, RecordedUsage } from '../model/operation.ts'
import { printLocation, type SourceFile, type SourceLocation } from '../model/source.ts'
import { readDocuments, type WrittenOperation } from './read-documents.ts'
import { readManifest } from './read-manifest.ts'
import { type RecordedOperation, readUsage, type UsageOfWindow } from './read-usage.ts'
import { sha256, signatureOf } from './signature.ts'

const isoDate = z.iso.date()
/** So many lines of usage that were cut off are named. */
const MOST_PLACES = 3

export type OperationsRead = {
  readonly known: KnownOperations
  /** What the report should say of where they come from, in sentences. */
  readonly notes: readonly string[]
}

/**
 * The operations that clients are known to send, from everything that is configured.
 * @param today YYYY-MM-DD, UTC: the end of the window for recorded usage
 * @throws CannotCheckError with everything that is wrong
 */
export async function readOperations(
  config: CheckConfig,
  tree: FileTree,
  today: string,
): Promise<OperationsRead> {
  if (!isoDate.safeParse(today).success) cannotCheck(`"${today}" is no date`, 'a date such as 2026-01-31')
  const { operations } = config.check
  if (operations === null) {
    return { known: { operations: [], recorded: null }, notes: ['No operations are configured.'] }
  }
  const problems: Problem[] = []
  const notes: string[] = []
  const files = (key: 'documents' | 'manifests' | 'usage') => readFiles(key, config, tree, problems)
  const documents = await files('documents')
  const manifests = await files('manifests')
  const usageFiles = await files('usage')
  const committed = readDocuments(documents, problems, notes)
  const persisted = manifests.flatMap((file) => collect(problems, () => readManifest(file, problems)))
  const window = { today, windowDays: operations.usageWindowDays }
  const usage = usageFiles.length === 0 ? null : readUsage(usageFiles, window, problems)
  if (problems.length === 0) {
    refuseNone(documents, committed, 'documents', config)
    refuseNone(manifests, persisted, 'manifests', config)
  }
  const known = merge([...committed, ...persisted], usage?.operations ?? new Map(), problems)
  if (problems.length > 0) throw new CannotCheckError(problems)
  const counts = [
    ...(documents.length > 0 ? [`${committed.length} from documents`] : []),
    ...(manifests.length > 0 ? [`${persisted.length} from manifests`] : []),
    ...(usage !== null ? [`${usage.operations.size} from recorded usage`] : []),
  ]
  notes.unshift(counts.length === 0 ? 'No operations are configured.' : `Operations: ${counts.join(', ')}.`)
  return {
    known: { operations: known, recorded: recordedUsage(usage, operations.leastRequests, notes) },
    notes,
  }
}

/** A file that several patterns match is read once. */
async function readFiles(
  key: 'documents' | 'manifests' | 'usage',
  config: CheckConfig,
  tree: FileTree,
  problems: Problem[],
): Promise<readonly SourceFile[]> {
  const files = new Map<string, SourceFile>()
  for (const [index, pattern] of (config.check.operations?.[key] ?? []).entries()) {
    try {
      const found = await readMatching(tree, pattern)
      for (const file of found) files.set(file.path, file)
      if (found.length > 0) continue
      problems.push({
        location: config.locate(['check', 'operations', key, index]),
        message: `No file matches ${pattern}`,
        expected: `a path or pattern of existing files, relative to this file`,
      })
    } catch (error) {
      if (!(error instanceof CannotCheckError)) throw error
      problems.push(...error.problems)
    }
  }
  return [...files.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1))
}

function collect<T>(problems: Problem[], read: () => readonly T[]): readonly T[] {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof CannotCheckError)) throw error
    problems.push(...error.problems)
    return []
  }
}

/** Files without any operation are most likely not the ones that were meant. */
function refuseNone(
  files: readonly SourceFile[],
  operations: readonly WrittenOperation[],
  key: 'documents' | 'manifests',
  config: CheckConfig,
): void {
  if (files.length === 0 || operations.length > 0) return
  cannotCheck(
    `The files of \`${key}\` have no operation`,
    'files with operations, or no such key',
    config.locate(['check', 'operations', key]),
  )
}

/** One operation for each document that differs, with the usage of its signature. Sorted by id. */
function merge(
  written: readonly WrittenOperation[],
  recorded: ReadonlyMap<string, RecordedOperation>,
  problems: Problem[],
): readonly KnownOperation[] {
  const bySignature = new Map<string, Map<string, WrittenOperation>>()
  for (const operation of written) {
    const signature = signatureOf(operation.document)
    const documents = bySignature.get(signature) ?? new Map<string, WrittenOperation>()
    bySignature.set(signature, documents)
    const text = print(operation.document)
    const known = documents.get(text)
    if (known === undefined || known.manifestId === null) documents.set(text, operation)
  }
  const operations: KnownOperation[] = []
  for (const [signature, documents] of bySignature) {
    const usage = usageOf(recorded.get(signature))
    for (const [document, { name, manifestId, location }] of documents) {
      // Two documents of one signature differ in what it leaves out, such as literals, which may matter here.
      const own = documents.size === 1 ? signature : sha256(`${signature}\n${document}`)
      operations.push({ id: manifestId ?? own, name, document, location, usage })
    }
  }
  for (const [signature, operation] of recorded) {
    const { document, name } = operation
    if (document === null || bySignature.has(signature)) continue
    try {
      const text = print(parse(document))
      operations.push({ id: signature, name, document: text, location: null, usage: usageOf(operation) })
    } catch {
      problems.push({
        location: operation.location,
        message: 'The document of the record is not GraphQL',
        expected: 'a normalized operation in `document`',
      })
    }
  }
  return operations.toSorted((a, b) =>
    a.id < b.id ? -1 : a.id > b.id ? 1 : a.document < b.document ? -1 : 1,
  )
}

function usageOf(operation: RecordedOperation | undefined): OperationUsage | null {
  if (operation === undefined) return null
  const { count, lastSeen, clients } = operation
  return { count, lastSeen, clients: [...clients].toSorted() }
}

function recordedUsage(
  usage: UsageOfWindow | null,
  leastRequests: number,
  notes: string[],
): RecordedUsage | null {
  if (usage === null) return null
  const { hours, requests, coordinates, unrecorded, gap, lost } = usage
  if (hours === null) {
    notes.push('No usage is recorded within the window, so nothing counts as unused.')
    return null
  }
  const lacks = [
    ...(gap === null ? [] : [`there are no records from ${gap.from} to ${gap.to}`]),
    ...(requests >= leastRequests
      ? []
      : [`there are ${requests} requests, and \`least_requests\` is ${leastRequests}`]),
    ...(unrecorded === 0 ? [] : [`of ${unrecorded} requests nothing but their number is recorded`]),
    ...(lost.length === 0 ? [] : [lostInWords(lost)]),
  ]
  if (lacks.length > 0) notes.push(`Nothing counts as unused: ${lacks.join('; ')}.`)
  return { ...hours, requests, isEnough: lacks.length === 0, coordinates }
}

function lostInWords(lost: readonly SourceLocation[]): string {
  const places = lost.slice(0, MOST_PLACES).map(printLocation)
  const more = lost.length > MOST_PLACES ? ` and ${lost.length - MOST_PLACES} more` : ''
  const [records, gateways, they] =
    lost.length === 1
      ? ['the record', 'was cut off when its gateway was', 'it']
      : ['the records', 'were cut off when their gateways were', 'they']
  return `${records} at ${places.join(', ')}${more} ${gateways} killed, so nobody knows what ${they} counted`
}
