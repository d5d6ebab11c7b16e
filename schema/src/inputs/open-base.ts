import { realpath, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { errorCauses } from '@apollo/federation-internals'
import { parse } from 'graphql'
import { graphOfSupergraph } from '../composition/compose-graph.ts'
import type { CheckConfig, SubgraphsConfig } from '../config/check-config.ts'
import { loadBaseConfig } from '../config/load-config.ts'
import { CannotCheckError, cannotCheck, type Problem, wholeFile } from '../model/cannot-check.ts'
import type { Graph, Subgraph } from '../model/graph.ts'
import type { SourceFile, SourceLocation } from '../model/source.ts'
import { type BaseCommit, commitOfCi, commitOfRef } from './base-commit.ts'
import type { CiRun } from './ci.ts'
import type { FileTree } from './file-tree.ts'
import { openFolderTree, openWorkingTree } from './folder-tree.ts'
import { commitOf } from './git.ts'
import { openGitTree } from './git-tree.ts'
import { readSubgraphs, syntaxProblem } from './read-subgraphs.ts'
import type { Workspace } from './workspace.ts'

/** What a graph is compared with. */
export type Base =
  /** `why` completes "Nothing is compared: ". */
  | { readonly type: 'none'; readonly why: string }
  | {
      readonly type: 'subgraphs'
      readonly name: string
      readonly subgraphs: readonly Subgraph[]
      readonly tree: FileTree
      /** What the report should say of it, in sentences. */
      readonly notes: readonly string[]
    }
  /** A graph that was given composed. What stands in the subgraphs only, such as comments, is not known. */
  | { readonly type: 'supergraph'; readonly name: string; readonly graph: Graph }

export type BaseOptions = {
  readonly workspace: Workspace
  /** Of the head. */
  readonly config: CheckConfig
  readonly ci: CiRun | null
}

type OpenBaseOptions = BaseOptions & { readonly option: string | null; readonly folder: string }

/**
 * Opens the base: the one of the option, else that of the configuration, else what CI names.
 * @param options.option as given on the command line, relative to `folder`
 */
export async function openBase(options: OpenBaseOptions): Promise<Base> {
  return checkedAgainst(await openAskedBase(options), options.config)
}

async function openAskedBase(options: OpenBaseOptions): Promise<Base> {
  const { option, folder, config, workspace, ci } = options
  if (option !== null) return openGraph(option, { ...options, folder, location: null })
  if (config.check.base !== null) {
    const location = config.locate(['check', 'base'])
    const at = resolve(workspace.root, workspace.configPath, '..')
    return openGraph(config.check.base, { ...options, folder: at, location })
  }
  if (ci !== null && !workspace.isRepository && ci.base.type !== 'unknown') {
    return cannotCheck(
      'CI names a commit to compare with, but there is no git repository',
      'a checkout with its .git folder, or `--base none` to compare with nothing',
    )
  }
  if (ci === null || !workspace.isRepository) {
    return { type: 'none', why: 'no base is given: use --base, or `base` under `check`' }
  }
  const commit = await commitOfCi(ci, { repository: workspace.root })
  if (commit === null)
    return { type: 'none', why: 'CI names no commit to compare with, and no base is given' }
  return openCommit(commit, options)
}

/**
 * Opens a graph that is not the working tree.
 * @param spec a git ref, a folder, a supergraph file, or `none`; paths are relative to `folder`
 */
export async function openGraph(
  spec: string,
  options: BaseOptions & { readonly folder: string; readonly location: SourceLocation | null },
): Promise<Base> {
  const { workspace, folder, location } = options
  if (spec === 'none') return { type: 'none', why: 'the base is `none`' }
  const path = resolve(folder, spec)
  const kind = await kindOf(path)
  const isPath = /^\.{0,2}\//.test(spec) || spec === '.' || spec === '..'
  const isRef =
    !isPath &&
    workspace.isRepository &&
    (spec.startsWith('-') || (await commitOf(workspace.root, spec)) !== null)
  if (kind !== null && isRef && !spec.startsWith('-')) {
    return cannotCheck(
      `${spec} is both a ${kind} and a git ref`,
      `./${spec} for the ${kind}, or the whole name of the ref, such as refs/heads/${spec}`,
      location,
    )
  }
  if (kind === 'folder') return openFolderBase(spec, path, options)
  if (kind === 'file')
    return { type: 'supergraph', name: spec, graph: await openSupergraph(spec, path, location) }
  if (isPath || !workspace.isRepository) {
    return cannotCheck(
      `There is no ${spec}`,
      workspace.isRepository
        ? 'a git ref, a folder or a supergraph file'
        : 'a folder or a supergraph file; a git ref needs a git repository',
      location,
    )
  }
  const range = /^(.*?)\.{2,3}(.*)$/.exec(spec)
  if (range !== null) {
    const [, from, to] = range
    return cannotCheck(
      `${spec} is a range of commits`,
      `one commit to compare with, such as ${from || to || 'HEAD^'}`,
      location,
    )
  }
  const commit = await commitOfRef(spec, { repository: workspace.root, ci: options.ci, location })
  if (commit === null) return { type: 'none', why: 'HEAD has no commit before it' }
  return openCommit(commit, options)
}

async function kindOf(path: string): Promise<'folder' | 'file' | null> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file'
  } catch {
    return null
  }
}

async function openCommit(
  { commit, name, reason }: BaseCommit,
  { workspace, config }: BaseOptions,
): Promise<Base> {
  const tree = await openGitTree({ repository: workspace.root, commit, name })
  return openTree(reason, tree, [workspace.configPath], config)
}

async function openFolderBase(
  spec: string,
  path: string,
  { workspace, config, location }: BaseOptions & { readonly location: SourceLocation | null },
): Promise<Base> {
  const folders = [workspace.root, join(workspace.root, dirname(workspace.configPath))]
  if (folders.includes(await realpath(path))) {
    return cannotCheck(`${spec} is the folder that is checked`, 'another folder, or a git ref', location)
  }
  const { configPath } = workspace
  const candidates = configPath.startsWith('../')
    ? [basename(configPath)]
    : [configPath, basename(configPath)]
  return openTree(spec, openFolderTree(path, spec), candidates, config)
}

async function openTree(
  name: string,
  tree: FileTree,
  configPaths: readonly string[],
  headConfig: CheckConfig,
): Promise<Base> {
  for (const path of configPaths) {
    const config = await loadBaseConfig(path, tree)
    if (config === null) continue
    const subgraphs = await readSubgraphs(config, tree)
    return { type: 'subgraphs', name, tree, subgraphs, notes: [] }
  }
  const subgraphs = await readWithoutConfig(name, tree, headConfig)
  const note = `${name} has no ${configPaths.join(' or ')}, so its subgraphs were read as the configuration of today says.`
  return { type: 'subgraphs', name, tree, subgraphs, notes: [note] }
}

/** Where the base is older than the configuration. */
async function readWithoutConfig(
  name: string,
  tree: FileTree,
  config: SubgraphsConfig,
): Promise<readonly Subgraph[]> {
  try {
    return await readSubgraphs(config, tree)
  } catch (error) {
    if (!(error instanceof CannotCheckError)) throw error
    throw new CannotCheckError(
      error.problems.map(
        (problem): Problem => ({
          ...problem,
          expected: `${problem.expected}; ${name} has no configuration of its own, so commit this one before files move or subgraphs are added, or use \`--base none\` once`,
        }),
      ),
    )
  }
}

/** A subgraph that the base has may not be missing unless the configuration says that it is gone. */
function checkedAgainst(base: Base, config: CheckConfig): Base {
  const { removedSubgraphs } = config.check
  const present = new Set(config.subgraphs.map(({ name }) => name))
  const problems = removedSubgraphs.flatMap((name, index): Problem[] =>
    present.has(name)
      ? [
          {
            location: config.locate(['check', 'removed_subgraphs', index]),
            message: `Subgraph ${name} is configured and is said to be removed`,
            expected: 'it in one of `subgraphs` and `removed_subgraphs`',
          },
        ]
      : [],
  )
  const removed = new Set(removedSubgraphs)
  for (const { name } of subgraphsOf(base) ?? []) {
    if (present.has(name) || removed.has(name)) continue
    problems.push({
      location: config.locate(['subgraphs']),
      message: `Subgraph ${name} of ${base.type === 'none' ? '' : base.name} is missing`,
      expected: `it among \`subgraphs\` or, if it is gone on purpose, \`removed_subgraphs: [${name}]\` under \`check\``,
    })
  }
  if (problems.length > 0) throw new CannotCheckError(problems)
  return base
}

/** null without a base. */
export function subgraphsOf(base: Base): readonly Subgraph[] | null {
  if (base.type === 'none') return null
  return base.type === 'supergraph' ? base.graph.subgraphs : base.subgraphs
}

async function openSupergraph(name: string, path: string, location: SourceLocation | null): Promise<Graph> {
  // By its absolute path, so named as it was given.
  const found = await openWorkingTree('/').read(path)
  if (found === null) return cannotCheck(`There is no ${name}`, 'a supergraph file', location)
  const file: SourceFile = { path: name, text: found.text }
  const expected = "a supergraph's SDL, as composition writes it"
  try {
    const graph = graphOfSupergraph(name, [], file.text)
    return { ...graph, subgraphs: extractSubgraphs(graph) }
  } catch (error) {
    const causes = error instanceof Error ? errorCauses(error) : undefined
    if (causes !== undefined)
      throw new CannotCheckError(causes.map((cause) => syntaxProblem(cause, file, expected)))
    const message = error instanceof Error ? error.message : String(error)
    return cannotCheck(message.split('\n')[0] ?? '', expected, wholeFile(name))
  }
}

function extractSubgraphs(graph: Graph): readonly Subgraph[] {
  return [...graph.supergraph.subgraphs()]
    .map((subgraph) => ({
      name: subgraph.name,
      routingUrl: subgraph.url,
      files: [],
      document: parse(subgraph.toString(), { noLocation: true }),
    }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
}
