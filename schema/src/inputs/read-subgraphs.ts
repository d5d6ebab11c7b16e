import { type DefinitionNode, GraphQLError, isExecutableDefinitionNode, Kind, parse } from 'graphql'
import type { SubgraphConfig, SubgraphsConfig } from '../config/check-config.ts'
import { CannotCheckError, type Problem, wholeFile } from '../model/cannot-check.ts'
import type { Subgraph } from '../model/graph.ts'
import { graphqlSource, locationOf, type SourceFile } from '../model/source.ts'
import { type FileTree, readMatching } from './file-tree.ts'

/** The subgraphs of a configuration, sorted by name. @throws CannotCheckError with everything that is wrong with them */
export async function readSubgraphs(config: SubgraphsConfig, tree: FileTree): Promise<readonly Subgraph[]> {
  const read = await Promise.all(config.subgraphs.map((subgraph) => readSubgraph(subgraph, config, tree)))
  const problems = read.flatMap((one) => one.problems)
  if (problems.length > 0) throw new CannotCheckError(problems)
  return read.flatMap(({ subgraph }) => subgraph ?? []).toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

type Read = { readonly subgraph: Subgraph | null; readonly problems: readonly Problem[] }

async function readSubgraph(
  subgraph: SubgraphConfig,
  config: SubgraphsConfig,
  tree: FileTree,
): Promise<Read> {
  const { name, routingUrl, schema } = subgraph
  const place = config.locate(['subgraphs', name, 'schema', schema.type])
  let files: readonly SourceFile[]
  try {
    files =
      schema.type === 'sdl'
        ? [{ path: place.file, text: schema.sdl }]
        : await readMatching(tree, schema.pattern)
  } catch (error) {
    return { subgraph: null, problems: problemsOf(error) }
  }
  if (files.length === 0 && schema.type === 'file') {
    const problem = {
      location: place,
      message: `${schema.pattern} of subgraph ${name} is not in ${tree.name}`,
      expected: `the path or pattern of the SDL of ${name}, relative to this file`,
    }
    return { subgraph: null, problems: [problem] }
  }
  const problems: Problem[] = []
  const definitions = files.flatMap((file) => definitionsOf(file, name, problems))
  if (problems.length > 0) return { subgraph: null, problems }
  return {
    subgraph: { name, routingUrl, files, document: { kind: Kind.DOCUMENT, definitions } },
    problems,
  }
}

function problemsOf(error: unknown): readonly Problem[] {
  if (error instanceof CannotCheckError) return error.problems
  throw error
}

function definitionsOf(file: SourceFile, subgraph: string, problems: Problem[]): readonly DefinitionNode[] {
  const expected = `the SDL of ${subgraph}`
  try {
    const { definitions } = parse(graphqlSource(file))
    const executable = definitions.filter(isExecutableDefinitionNode)
    for (const definition of executable) {
      problems.push({
        location: locationOf(definition),
        message: 'An operation or a fragment stands in a schema',
        expected,
      })
    }
    return definitions
  } catch (error) {
    problems.push(syntaxProblem(error, file, expected))
    return []
  }
}

/** What a failed `parse` of a file comes to; rethrows other errors. */
export function syntaxProblem(error: unknown, file: SourceFile, expected: string): Problem {
  if (!(error instanceof GraphQLError)) throw error
  if (/^[\s,\ufeff]*(#.*[\s,]*)*$/.test(file.text)) {
    return { location: wholeFile(file.path), message: 'The file is empty', expected }
  }
  const [place] = error.locations ?? []
  return {
    location: place === undefined ? wholeFile(file.path) : { file: file.path, ...place },
    message: error.message.replace(/\.$/, ''),
    expected,
  }
}
