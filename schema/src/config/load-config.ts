import { isAbsolute, posix } from 'node:path'
import { escapePath, isDynamicPattern } from 'tinyglobby'
import { type FileTree, readRequired } from '../inputs/file-tree.ts'
import { type LocatedValue, parseLocated, readShape } from '../inputs/located-value.ts'
import type { SourceFile } from '../model/source.ts'
import type { CheckConfig, SubgraphConfig, SubgraphsConfig } from './check-config.ts'
import { type BaseFile, baseFileSchema, configFileSchema } from './config-file.ts'

/**
 * Reads the configuration, YAML or JSON. The names and options of lint rules are for the rules to check.
 * @throws CannotCheckError with everything that is wrong with it
 */
export async function loadConfig(path: string, tree: FileTree): Promise<CheckConfig> {
  const file = await readRequired(tree, path, { what: 'the configuration file', location: null })
  const located = parseLocated(file, 'yaml')
  const config = readShape(located, configFileSchema)
  const { check } = config
  const at = (relative: string) => resolvePattern(path, relative)
  const optional = (relative: string | undefined) => (relative === undefined ? null : at(relative))
  const operations = check?.operations
  return {
    ...subgraphsConfig(path, file, located, config),
    check: {
      base: check?.base ?? null,
      removedSubgraphs: check?.removed_subgraphs ?? [],
      operations:
        operations === undefined
          ? null
          : {
              documents: operations.documents.map(at),
              manifests: operations.manifests.map(at),
              usage: operations.usage.map(at),
              usageWindowDays: operations.usage_window_days,
              leastRequests: operations.least_requests,
            },
      lint: {
        rules: new Map(
          Object.entries(check?.lint?.rules ?? {}).map(([name, setting]) => [
            name,
            {
              ...(typeof setting === 'string' ? { level: setting, options: {} } : setting),
              location: located.locateKey(['check', 'lint', 'rules', name]),
            },
          ]),
        ),
      },
      owners: check?.owners === undefined ? null : { rows: check.owners },
      contracts:
        check?.contracts === undefined
          ? null
          : {
              schemas: at(check.contracts.schemas),
              experiments: optional(check.contracts.experiments),
              locations: {
                schemas: located.locate(['check', 'contracts', 'schemas']),
                experiments: located.locate(['check', 'contracts', 'experiments']),
              },
            },
      approvals: optional(check?.approvals),
      baseline: optional(check?.baseline),
      failOn: check?.fail_on ?? 'breaking',
    },
  }
}

/** What the configuration says of the subgraphs, and nothing else of it; null where there is none. */
export async function loadBaseConfig(path: string, tree: FileTree): Promise<SubgraphsConfig | null> {
  const file = await tree.read(path)
  if (file === null) return null
  const located = parseLocated(file, 'yaml')
  return subgraphsConfig(path, file, located, readShape(located, baseFileSchema))
}

function subgraphsConfig(
  path: string,
  file: SourceFile,
  located: LocatedValue,
  config: BaseFile,
): SubgraphsConfig {
  return {
    path,
    federationVersion: config.federation_version === undefined ? null : String(config.federation_version),
    subgraphs: Object.entries(config.subgraphs).map(([name, subgraph]): SubgraphConfig => {
      const { file: pattern, sdl = '' } = subgraph.schema
      return {
        name,
        // A check does not use it; the name is reserved, so nobody is called by mistake.
        routingUrl: subgraph.routing_url ?? `http://${name}.invalid/graphql`,
        schema:
          pattern === undefined
            ? {
                type: 'sdl',
                sdl: inPlace(sdl, file, located.locate(['subgraphs', name, 'schema', 'sdl']).line),
              }
            : { type: 'file', pattern: resolvePattern(path, pattern) },
      }
    }),
    locate: located.locate,
  }
}

/** A path or pattern of the file as one of the tree. */
function resolvePattern(configPath: string, pattern: string): string {
  const folder = posix.dirname(configPath)
  if (isAbsolute(pattern) || folder === '.') return posix.normalize(pattern)
  // A folder may be called as a pattern would be written, such as `[app]`.
  return posix.join(isDynamicPattern(pattern) ? escapePath(folder) : folder, pattern)
}

/** The SDL with as much before it as there is in the file, so that parsing it gives the file's lines and columns. */
function inPlace(sdl: string, file: SourceFile, line: number): string {
  const lines = file.text.split('\n')
  const isBlock = /[|>][-+0-9]*\s*(#.*)?$/.test(lines[line - 1] ?? '')
  if (!isBlock) return '\n'.repeat(line - 1) + sdl
  const [indentation = ''] = /^\s*/.exec(lines.slice(line).find((one) => one.trim() !== '') ?? '') ?? []
  const indented = sdl.split('\n').map((one) => (one === '' ? one : indentation + one))
  return '\n'.repeat(line) + indented.join('\n')
}
