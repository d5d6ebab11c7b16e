import type { ContractsConfig } from '../config/check-config.ts'
import type { FileTree } from '../inputs/file-tree.ts'
import { CannotCheckError, cannotCheck, wholeFile } from '../model/cannot-check.ts'
import { compareTexts } from '../model/compare-texts.ts'
import type { Finding } from '../model/finding.ts'
import { onlyGrade } from '../model/only-grade.ts'
import type { SourceLocation } from '../model/source.ts'
import { compareSchemas } from './compare-schemas.ts'
import { CONTRACT_CODES, type ContractCode } from './contract-codes.ts'
import { type ContractFile, readContract } from './contract-file.ts'
import { checkExperiments } from './experiments.ts'
import { isSame } from './shapes.ts'

/**
 * JSON Schemas of contracts compared with the base's, in both directions, and the payloads of running experiments with the
 * head's: section `contracts`, sorted. Without a base only the payloads are looked at.
 * @throws CannotCheckError where a file of the head cannot be read, or the pattern matches none
 */
export async function compareContracts(
  base: FileTree | null,
  head: FileTree,
  config: ContractsConfig,
): Promise<readonly Finding[]> {
  const heads = await readContracts(head, config.schemas)
  if (heads.length === 0) {
    cannotCheck(
      `The pattern "${config.schemas}" of \`check.contracts.schemas\` matches no file`,
      'a pattern of JSON Schema files',
      config.locations.schemas,
    )
  }
  const bases = base === null ? [] : await base.list(config.schemas)
  const nameOf = createNames([...heads.map(({ path }) => path), ...bases])
  const found: Finding[] = []
  if (base !== null) {
    const before = new Set(bases)
    for (const contract of heads) {
      if (!before.has(contract.path)) {
        const message = `The contract ${nameOf(contract.path)} is new.`
        found.push(finding('CONTRACT_ADDED', message, nameOf(contract.path), contract.placeOf([])))
      } else found.push(...(await compareContract(base, contract, nameOf(contract.path))))
    }
    const now = new Set(heads.map(({ path }) => path))
    for (const path of bases.filter((path) => !now.has(path))) {
      found.push(finding('CONTRACT_REMOVED', `The contract ${nameOf(path)} is gone.`, nameOf(path), null))
    }
  }
  if (config.experiments !== null) {
    const problems = await checkExperiments(head, config.experiments, config.locations.experiments, heads)
    found.push(
      ...problems.map(({ message, key, location }) =>
        finding('EXPERIMENT_PAYLOAD_INVALID', message, key, location),
      ),
    )
  }
  return found.sort(
    (a, b) =>
      compareTexts(a.key ?? '', b.key ?? '') ||
      compareTexts(a.code, b.code) ||
      compareTexts(a.message, b.message),
  )
}

async function compareContract(
  base: FileTree,
  head: ContractFile,
  name: string,
): Promise<readonly Finding[]> {
  const before = await readBase(base, head.path)
  if (typeof before === 'string') {
    const message = `The contract ${name} cannot be compared, because the base's cannot be read: ${before}`
    return [finding('OLD_CONTRACT_UNREADABLE', message, name, head.placeOf([]))]
  }
  const old = compareSchemas(before.document, head.document).map(({ reader, ...difference }) => ({
    ...difference,
    node: reader,
    code: difference.isDecided ? ('OLD_MESSAGE_UNREADABLE' as const) : ('OLD_MESSAGE_UNDECIDED' as const),
    who: ['the old schema', 'new reader'] as const,
  }))
  const fresh = compareSchemas(head.document, before.document).map(({ sender, ...difference }) => ({
    ...difference,
    node: sender,
    code: difference.isDecided ? ('NEW_MESSAGE_UNREADABLE' as const) : ('NEW_MESSAGE_UNDECIDED' as const),
    who: ['the new schema', 'old reader'] as const,
  }))
  const differences = [...old, ...fresh]
  if (differences.length === 0) {
    if (isSame(before.json, head.json)) return []
    const message = `The contract ${name} changed, and old and new read each other.`
    return [finding('CONTRACT_CHANGED', message, name, head.placeOf([]))]
  }
  return differences.map(({ code, node, path, message, isDecided, who: [sender, reader] }) => {
    const at = path === '' ? '' : ` at \`${path}\``
    const modal = isDecided ? 'can be refused by an' : 'may be refused by an'
    const text = `A message of ${name} by ${sender} ${modal} ${reader}${at}: ${message}.`.replace(
      'an new',
      'a new',
    )
    return finding(code, text, `${name} ${path}`.trimEnd(), head.placeOf(head.document.pathOf(node) ?? []))
  })
}

/** A text that says why it cannot be read: what was committed long ago is nothing that a check can ask to mend. */
async function readBase(base: FileTree, path: string): Promise<ContractFile | string> {
  try {
    const source = await base.read(path)
    return source === null ? 'it is not there' : readContract(path, source)
  } catch (error) {
    if (!(error instanceof CannotCheckError)) throw error
    return error.message
  }
}

async function readContracts(tree: FileTree, pattern: string): Promise<readonly ContractFile[]> {
  const paths = await tree.list(pattern)
  const contracts: ContractFile[] = []
  for (const path of paths) {
    const source = await tree.read(path)
    if (source === null) cannotCheck('The contract cannot be read', 'a file', wholeFile(path))
    contracts.push(readContract(path, source))
  }
  return contracts
}

/** What a contract is called: the name of its file without endings, or its path where several have that name. */
function createNames(paths: readonly string[]): (path: string) => string {
  const shortOf = (path: string): string => (path.split('/').at(-1) ?? path).replace(/(\.schema)?\.json$/, '')
  const pathsOf = new Map<string, Set<string>>()
  for (const path of paths) {
    const name = shortOf(path)
    pathsOf.set(name, (pathsOf.get(name) ?? new Set()).add(path))
  }
  return (path) => ((pathsOf.get(shortOf(path))?.size ?? 0) > 1 ? path : shortOf(path))
}

function finding(code: ContractCode, message: string, key: string, location: SourceLocation | null): Finding {
  const { grade, reason } = onlyGrade(CONTRACT_CODES[code])
  const coordinate = null
  return {
    section: 'contracts',
    code,
    grade,
    message,
    reason,
    coordinate,
    subgraphs: [],
    location,
    affected: [],
    key,
  }
}
