import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { type Problem, printProblem } from '../model/cannot-check.ts'
import { sampleUsageRecord } from '../testing/sample-usage.ts'
import { testFolder, testRepository, writeFiles } from '../testing/test-repository.ts'
import { createTestTerminal } from '../testing/test-terminal.ts'
import { runCommand } from './run-command.ts'

type Files = Readonly<Record<string, string | Uint8Array>>

const SDL = 'type Query { one: Int two: Int }\n'
const SUBGRAPHS = 'subgraphs:\n  a:\n    schema: { file: a.graphql }\n'

/** A configuration that is right but for what a case adds, from line 4 on. */
function config(check = ''): Files {
  return { 'supergraph.yaml': `${SUBGRAPHS}${check}`, 'a.graphql': SDL }
}

function operations(key: string, name: string, content: string | Uint8Array): Files {
  return { ...config(`check:\n  operations:\n    ${key}: [${name}]\n`), [name]: content }
}

/** A manifest with one operation that is right but for what a case changes. */
function manifest(entry: object, rest: object = {}): string {
  const operation = { id: 'i1', name: 'One', type: 'query', body: 'query One { one }', ...entry }
  const file = { format: 'apollo-persisted-query-manifest', version: 1, operations: [operation], ...rest }
  return JSON.stringify(file, null, 2)
}

function usage(...lines: readonly (object | string)[]): string {
  return lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join('')
}

type Case = {
  readonly files: Files
  /** Makes it a repository with these files committed before. */
  readonly committed?: Files
  readonly prepare?: (folder: string) => void
  readonly config?: string
  readonly base?: string
  readonly today?: string
  readonly env?: Readonly<Record<string, string>>
  /** Every problem, as it is printed. */
  readonly problems: readonly string[]
}

const CASES: Readonly<Record<string, Case>> = {
  // The configuration
  'a configuration that is not there': {
    files: {},
    problems: [
      'supergraph.yaml:1:1: There is no file supergraph.yaml in the working tree. Expected: the path of the configuration file',
    ],
  },
  'a folder instead of the configuration': {
    files: { 'supergraph.yaml/x': '' },
    problems: [
      'supergraph.yaml:1:1: The path is that of a folder. Expected: a file, or a pattern such as supergraph.yaml/**/*',
    ],
  },
  'a configuration in a folder that is not there': {
    files: {},
    config: 'no/graph.yaml',
    problems: [
      'no/graph.yaml:1:1: There is no file no/graph.yaml. Expected: the path of the configuration file',
    ],
  },
  'an empty configuration': {
    files: { 'supergraph.yaml': '' },
    problems: ['supergraph.yaml:1:1: The file is empty. Expected: a mapping of keys to values'],
  },
  'a configuration that is no YAML': {
    files: { 'supergraph.yaml': 'subgraphs:\n  a: {\n' },
    problems: [
      'supergraph.yaml:3:1: Flow map in block collection must be sufficiently indented and end with a }. Expected: a YAML file',
    ],
  },
  'a configuration that is a list': {
    files: { 'supergraph.yaml': '- a\n' },
    problems: ['supergraph.yaml:1:1: The file is a list. Expected: a mapping of keys to values'],
  },
  'a key that stands twice': {
    files: { ...config(), 'supergraph.yaml': `${SUBGRAPHS}subgraphs: {}\n` },
    problems: ['supergraph.yaml:4:1: The key stands here a second time. Expected: each key once'],
  },
  'a subgraph that stands twice': {
    files: config('  a: { schema: { file: b.graphql } }\n'),
    problems: ['supergraph.yaml:4:3: The key stands here a second time. Expected: each key once'],
  },
  'an unknown key': {
    files: config('lint: {}\n'),
    problems: [
      'supergraph.yaml:4:1: `lint` is not known. Expected: `$schema`, `federation_version`, `subgraphs` or `check`',
    ],
  },
  'an unknown key under check': {
    files: config('check:\n  opperations: {}\n'),
    problems: ['supergraph.yaml:5:3: `check.opperations` is not known. Expected: `operations`'],
  },
  'an unknown key of operations': {
    files: config('check:\n  operations:\n    document: [a]\n'),
    problems: ['supergraph.yaml:6:5: `check.operations.document` is not known. Expected: `documents`'],
  },
  'several mistakes at once': {
    files: config(
      'check:\n  fail_on: dangreous\n  operations:\n    usage_window_days: 0\n    least_requests: many\n',
    ),
    problems: [
      'supergraph.yaml:5:12: `check.fail_on` is "dangreous". Expected: `dangerous`',
      'supergraph.yaml:7:24: `check.operations.usage_window_days` is 0. Expected: days from 1 to 3650',
      'supergraph.yaml:8:21: `check.operations.least_requests` is "many". Expected: a number',
    ],
  },
  'a text instead of a list': {
    files: config('check:\n  operations:\n    documents: a.graphql\n'),
    problems: ['supergraph.yaml:6:16: `check.operations.documents` is "a.graphql". Expected: a list'],
  },
  'no subgraphs': {
    files: { 'supergraph.yaml': 'subgraphs: {}\n' },
    problems: ['supergraph.yaml:1:12: `subgraphs` is an empty mapping. Expected: at least one subgraph'],
  },
  'a subgraph without a schema': {
    files: { 'supergraph.yaml': 'subgraphs:\n  a: {}\n' },
    problems: ['supergraph.yaml:2:6: `subgraphs.a.schema` is missing. Expected: a mapping of keys to values'],
  },
  'a name that no subgraph may have': {
    files: { 'supergraph.yaml': 'subgraphs:\n  1a: { schema: { sdl: "type Query { a: Int }" } }\n' },
    problems: [
      'supergraph.yaml:2:7: `subgraphs.1a` is "1a". Expected: a name of letters, digits, _ and - that begins with a letter and has at most 64 characters',
    ],
  },
  'keys that no object keeps': {
    files: config(
      '  __proto__: { schema: { file: a.graphql } }\ncheck:\n  lint:\n    rules: { "__proto__": off }\n',
    ),
    problems: [
      'supergraph.yaml:4:3: The key cannot be `__proto__`. Expected: another name',
      'supergraph.yaml:7:14: The key cannot be `__proto__`. Expected: another name',
    ],
  },
  'a schema that is both a file and a text': {
    files: {
      'supergraph.yaml': 'subgraphs:\n  a: { schema: { file: a.graphql, sdl: "type Query { a: Int }" } }\n',
    },
    problems: [
      'supergraph.yaml:2:16: `subgraphs.a.schema` is a mapping with `file` and `sdl`. Expected: either `file` or `sdl`',
    ],
  },
  'a schema that only the network has': {
    files: { 'supergraph.yaml': 'subgraphs:\n  a:\n    schema:\n      subgraph_url: http://a\n' },
    problems: [
      'supergraph.yaml:4:21: `subgraphs.a.schema.subgraph_url` is "http://a". Expected: a `file`: this tool works offline and asks no service for its schema',
    ],
  },
  'a schema of a registry': {
    files: { 'supergraph.yaml': 'subgraphs:\n  a:\n    schema: { graphref: mine@current, subgraph: a }\n' },
    problems: [
      'supergraph.yaml:3:25: `subgraphs.a.schema.graphref` is "mine@current". Expected: a `file`: this tool works offline and asks no registry',
      'supergraph.yaml:3:49: `subgraphs.a.schema.subgraph` is "a". Expected: a `file`: this tool works offline and asks no registry',
    ],
  },
  'federation 1': {
    files: config('federation_version: 1\n'),
    problems: [
      'supergraph.yaml:4:21: `federation_version` is 1. Expected: 2, or a version such as =2.12.0: federation 1 is not supported',
    ],
  },
  'a lint level that there is not': {
    files: config('check:\n  lint:\n    rules: { ids: fatal }\n'),
    problems: [
      'supergraph.yaml:6:19: `check.lint.rules.ids` is "fatal". Expected: `off`, `warning` or `error`, or a mapping with `level` and `options`',
    ],
  },

  // Subgraphs
  'a subgraph whose file is not there': {
    files: { 'supergraph.yaml': SUBGRAPHS },
    problems: [
      'supergraph.yaml:3:21: a.graphql of subgraph a is not in the working tree. Expected: the path or pattern of the SDL of a, relative to this file',
    ],
  },
  'a subgraph whose pattern matches nothing': {
    files: { 'supergraph.yaml': SUBGRAPHS.replace('a.graphql', 'a/**/*.graphql'), 'a/x.txt': '' },
    problems: [
      'supergraph.yaml:3:21: a/**/*.graphql of subgraph a is not in the working tree. Expected: the path or pattern of the SDL of a, relative to this file',
    ],
  },
  'a folder instead of a schema': {
    files: { 'supergraph.yaml': SUBGRAPHS, 'a.graphql/b': '' },
    problems: [
      'a.graphql:1:1: The path is that of a folder. Expected: a file, or a pattern such as a.graphql/**/*',
    ],
  },
  'an empty schema': {
    files: { ...config(), 'a.graphql': ' \n# Later.\n' },
    problems: ['a.graphql:1:1: The file is empty. Expected: the SDL of a'],
  },
  'a schema with a syntax error': {
    files: { ...config(), 'a.graphql': 'type Query {\n  one Int\n}\n' },
    problems: ['a.graphql:2:7: Syntax Error: Expected ":", found Name "Int". Expected: the SDL of a'],
  },
  'a syntax error in one of several files': {
    files: {
      'supergraph.yaml': SUBGRAPHS.replace('a.graphql', 'a/*.graphql'),
      'a/1.graphql': SDL,
      'a/2.graphql': 'type {\n',
    },
    problems: ['a/2.graphql:1:6: Syntax Error: Expected Name, found "{". Expected: the SDL of a'],
  },
  'a syntax error in SDL that stands in the configuration': {
    files: {
      'supergraph.yaml':
        'subgraphs:\n  a:\n    schema:\n      sdl: |\n        type Query {\n          one Int\n        }\n',
    },
    problems: ['supergraph.yaml:6:15: Syntax Error: Expected ":", found Name "Int". Expected: the SDL of a'],
  },
  'an operation in a schema': {
    files: { ...config(), 'a.graphql': `${SDL}query One { one }\n` },
    problems: ['a.graphql:2:1: An operation or a fragment stands in a schema. Expected: the SDL of a'],
  },
  'a binary file instead of a schema': {
    files: { ...config(), 'a.graphql': Uint8Array.of(0x89, 0x50, 0, 1) },
    problems: ['a.graphql:1:1: The file is not text in UTF-8. Expected: a text file in UTF-8'],
  },
  'a schema in another encoding': {
    files: { ...config(), 'a.graphql': Uint8Array.of(0x74, 0xe9, 0x0a) },
    problems: ['a.graphql:1:1: The file is not text in UTF-8. Expected: a text file in UTF-8'],
  },
  'a link that leads to itself': {
    files: { 'supergraph.yaml': SUBGRAPHS },
    prepare: (folder) => symlinkSync('a.graphql', join(folder, 'a.graphql')),
    problems: ['a.graphql:1:1: The file cannot be read (ELOOP). Expected: a file that this process may read'],
  },

  // The base
  'a base that is not there': {
    files: config(),
    base: './before',
    problems: [
      'There is no ./before. Expected: a folder or a supergraph file; a git ref needs a git repository',
    ],
  },
  'a git ref without a repository': {
    files: config(),
    base: 'origin/main',
    problems: [
      'There is no origin/main. Expected: a folder or a supergraph file; a git ref needs a git repository',
    ],
  },
  'a git ref that is not there': {
    files: config(),
    committed: config(),
    base: 'origin/main',
    problems: [
      'There is no origin/main in this repository. Expected: a branch, tag or commit that is here: `git fetch origin main` may bring it',
    ],
  },
  'a range of commits': {
    files: config(),
    committed: config(),
    base: 'HEAD~1..HEAD',
    problems: ['HEAD~1..HEAD is a range of commits. Expected: one commit to compare with, such as HEAD~1'],
  },
  'a range of commits without a beginning': {
    files: config('check:\n  base: ...main\n'),
    committed: config(),
    problems: [
      'supergraph.yaml:5:9: ...main is a range of commits. Expected: one commit to compare with, such as main',
    ],
  },
  'a git ref of the configuration that is not there': {
    files: config('check:\n  base: origin/man\n'),
    committed: config(),
    problems: [
      'supergraph.yaml:5:9: There is no origin/man in this repository. Expected: a branch, tag or commit that is here: `git fetch origin man` may bring it',
    ],
  },
  'a name that is a folder and a branch': {
    files: config(),
    committed: { ...config(), 'main/x': '' },
    base: 'main',
    problems: [
      'main is both a folder and a git ref. Expected: ./main for the folder, or the whole name of the ref, such as refs/heads/main',
    ],
  },
  'the folder itself as its base': {
    files: config(),
    base: '.',
    problems: ['. is the folder that is checked. Expected: another folder, or a git ref'],
  },
  'a base without the files of the subgraphs': {
    files: config(),
    committed: { 'readme.md': '' },
    base: 'HEAD',
    problems: [
      'supergraph.yaml:3:21: a.graphql of subgraph a is not in HEAD. Expected: the path or pattern of the SDL of a, relative to this file; HEAD has no configuration of its own, so commit this one before files move or subgraphs are added, or use `--base none` once',
    ],
  },
  'a base whose configuration cannot be read': {
    files: config(),
    committed: { ...config(), 'supergraph.yaml': 'subgraphs:\n  a: {}\n' },
    base: 'HEAD',
    problems: [
      'HEAD:supergraph.yaml:2:6: `subgraphs.a.schema` is missing. Expected: a mapping of keys to values',
    ],
  },
  'a base whose schema cannot be read': {
    files: config(),
    committed: { ...config(), 'a.graphql': 'type' },
    base: 'HEAD',
    problems: ['HEAD:a.graphql:1:5: Syntax Error: Expected Name, found <EOF>. Expected: the SDL of a'],
  },
  'a base that is no supergraph': {
    files: { ...config(), 'base.graphql': SDL },
    base: 'base.graphql',
    problems: [
      "base.graphql:1:1: Invalid supergraph: must be a core schema. Expected: a supergraph's SDL, as composition writes it",
    ],
  },
  'a base whose supergraph has a syntax error': {
    files: { ...config(), 'base.graphql': 'type Query {\n' },
    base: 'base.graphql',
    problems: [
      "base.graphql:2:1: Syntax Error: Expected Name, found <EOF>. Expected: a supergraph's SDL, as composition writes it",
    ],
  },
  'a base whose supergraph is wrong at several places': {
    files: {
      ...config(),
      'base.graphql': `schema
  @link(url: "https://specs.apollo.dev/link/v1.0")
  @link(url: "https://specs.apollo.dev/join/v0.5", for: EXECUTION)
{ query: Query }
type Query @join__type(graph: A) { one: Int @join__field(graph: A) }
`,
    },
    base: 'base.graphql',
    problems: [
      'base.graphql:2:3: Unknown directive "@link". Expected: a supergraph\'s SDL, as composition writes it',
      'base.graphql:3:3: Unknown directive "@link". Expected: a supergraph\'s SDL, as composition writes it',
      'base.graphql:5:45: Unknown directive "@join__field". Expected: a supergraph\'s SDL, as composition writes it',
      'base.graphql:5:12: Unknown directive "@join__type". Expected: a supergraph\'s SDL, as composition writes it',
    ],
  },
  'a subgraph of the base that is missing': {
    files: config(),
    committed: { ...config('  b: { schema: { file: b.graphql } }\n'), 'b.graphql': SDL },
    base: 'HEAD',
    problems: [
      'supergraph.yaml:2:3: Subgraph b of HEAD is missing. Expected: it among `subgraphs` or, if it is gone on purpose, `removed_subgraphs: [b]` under `check`',
    ],
  },
  'a removed subgraph that is still there': {
    files: config('check:\n  removed_subgraphs: [a]\n'),
    committed: config(),
    base: 'HEAD',
    problems: [
      'supergraph.yaml:5:23: Subgraph a is configured and is said to be removed. Expected: it in one of `subgraphs` and `removed_subgraphs`',
    ],
  },
  'the same, with nothing to compare with': {
    files: config('check:\n  removed_subgraphs: [a]\n'),
    problems: [
      'supergraph.yaml:5:23: Subgraph a is configured and is said to be removed. Expected: it in one of `subgraphs` and `removed_subgraphs`',
    ],
  },
  'a commit of CI that was not fetched': {
    files: config(),
    committed: config(),
    env: { GITLAB_CI: 'true', CI_COMMIT_BEFORE_SHA: 'a'.repeat(40) },
    problems: [
      'There is no aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa in this repository. Expected: a branch, tag or commit that is here: `git fetch origin aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa` may bring it',
    ],
  },
  'an event file of CI that is not there': {
    files: config(),
    env: { GITHUB_ACTIONS: 'true', GITHUB_EVENT_PATH: 'event.json' },
    problems: [
      'event.json:1:1: There is no such file. Expected: the event file that GITHUB_EVENT_PATH names',
    ],
  },
  'an event file of CI that cannot be read': {
    files: { ...config(), 'event.json': '{\n  "before": 1\n}' },
    env: { GITHUB_ACTIONS: 'true', GITHUB_EVENT_PATH: 'event.json' },
    problems: ['event.json:2:13: `before` is 1. Expected: a text'],
  },

  // Operations
  'documents that match nothing': {
    files: config('check:\n  operations:\n    documents:\n      - ops/*.graphql\n'),
    problems: [
      'supergraph.yaml:7:9: No file matches ops/*.graphql. Expected: a path or pattern of existing files, relative to this file',
    ],
  },
  'a manifest that is not there': {
    files: config('check:\n  operations:\n    manifests: [manifest.json]\n'),
    problems: [
      'supergraph.yaml:6:17: No file matches manifest.json. Expected: a path or pattern of existing files, relative to this file',
    ],
  },
  'usage that is not there': {
    files: config('check:\n  operations:\n    usage: [usage/*.jsonl]\n'),
    problems: [
      'supergraph.yaml:6:13: No file matches usage/*.jsonl. Expected: a path or pattern of existing files, relative to this file',
    ],
  },
  'documents without an operation': {
    files: operations('documents', 'ops.graphql', 'fragment F on Query { one }\n'),
    problems: [
      'supergraph.yaml:6:16: The files of `documents` have no operation. Expected: files with operations, or no such key',
    ],
  },
  'an empty document': {
    files: operations('documents', 'ops.graphql', '\n'),
    problems: ['ops.graphql:1:1: The file is empty. Expected: GraphQL operations and fragments'],
  },
  'a document with a syntax error': {
    files: operations('documents', 'ops.graphql', 'query One {\n  one {\n}\n'),
    problems: [
      'ops.graphql:3:1: Syntax Error: Expected Name, found "}". Expected: GraphQL operations and fragments',
    ],
  },
  'a schema among the documents': {
    files: operations('documents', 'ops.graphql', SDL),
    problems: [
      'ops.graphql:1:1: A definition of a schema stands among operations. Expected: operations and fragments; leave files with schemas out of `documents`',
    ],
  },
  'a fragment that is not there': {
    files: operations('documents', 'ops.graphql', 'query One { ...Missing }\n'),
    problems: [
      'ops.graphql:1:1: There is no fragment Missing, which One uses. Expected: a file with fragment Missing among `documents`',
    ],
  },
  'a fragment of which there are several': {
    files: {
      ...operations('documents', '"*.gql"', ''),
      'a.gql': 'fragment F on Query { one }',
      'b.gql': 'fragment F on Query { two }',
      'c.gql': 'query One { ...F }',
    },
    problems: [
      'c.gql:1:1: Which fragment F is meant cannot be told: there are a.gql:1:1 and b.gql:1:1. Expected: one fragment of that name, or one in the file that uses it',
    ],
  },
  'an operation that stands in its file twice': {
    files: operations('documents', 'ops.graphql', 'query One { one }\nquery One { two }\n'),
    problems: [
      'ops.graphql:2:1: Operation One stands in this file twice. Expected: each operation once, or another name',
    ],
  },
  'a manifest that is no JSON': {
    files: operations('manifests', 'm.json', '{\n  "format": apollo\n}'),
    problems: ['m.json:2:13: This is not JSON. Expected: a JSON file'],
  },
  'a manifest that ends in the middle': {
    files: operations('manifests', 'm.json', manifest({}).slice(0, -20)),
    problems: ['m.json:9:26: This is not JSON. Expected: a JSON file'],
  },
  'a manifest of another format': {
    files: operations('manifests', 'm.json', manifest({}, { format: 'relay' })),
    problems: ['m.json:2:13: `format` is "relay". Expected: `apollo-persisted-query-manifest`'],
  },
  'a manifest of another version': {
    files: operations('manifests', 'm.json', manifest({}, { version: 2 })),
    problems: ['m.json:3:14: `version` is 2. Expected: `1`'],
  },
  'an operation of a manifest without its document': {
    files: operations('manifests', 'm.json', manifest({ body: undefined })),
    problems: ['m.json:5:5: `operations[0].body` is missing. Expected: a text'],
  },
  'an operation of a manifest with a syntax error': {
    files: operations('manifests', 'm.json', manifest({ body: 'query One {' })),
    problems: [
      'm.json:6:13: Operation One: Syntax Error: Expected Name, found <EOF>. Expected: a GraphQL operation in `body`',
    ],
  },
  'an operation of a manifest with another name': {
    files: operations('manifests', 'm.json', manifest({ name: 'Two' })),
    problems: [
      'm.json:6:13: Operation Two is not what `body` has. Expected: one operation called Two, with its fragments',
    ],
  },
  'an operation of a manifest of another type': {
    files: operations('manifests', 'm.json', manifest({ type: 'mutation' })),
    problems: [
      'm.json:6:13: Operation One is a query in `body`, and a mutation in `type`. Expected: the same in both',
    ],
  },
  'a manifest with an id for two operations': {
    files: operations(
      'manifests',
      'm.json',
      manifest(
        {},
        {
          operations: ['one', 'two'].map((field) => ({
            id: 'i',
            name: 'Q',
            type: 'query',
            body: `query Q { ${field} }`,
          })),
        },
      ),
    ),
    problems: ['m.json:6:13: Two operations have the id i. Expected: an id for each operation'],
  },
  'a manifest without operations': {
    files: operations('manifests', 'm.json', manifest({}, { operations: [] })),
    problems: [
      'supergraph.yaml:6:16: The files of `manifests` have no operation. Expected: files with operations, or no such key',
    ],
  },
  'usage that is no JSON': {
    files: operations('usage', 'usage.jsonl', usage(sampleUsageRecord(), 'one request')),
    problems: [
      'usage.jsonl:2:1: The line is not JSON. Expected: a usage record, as docs/usage-record.schema.json says',
    ],
  },
  'a usage record that is not what it should be': {
    files: operations(
      'usage',
      'usage.jsonl',
      usage(sampleUsageRecord(), '', { ...sampleUsageRecord(), count: 'many' }),
    ),
    problems: [
      'usage.jsonl:3:1: `count` is "many". Expected: a number, as docs/usage-record.schema.json says',
    ],
  },
  'usage whose lines are no records': {
    files: operations('usage', 'usage.jsonl', usage('[]', 'null', '{}', '{"type":"operations"}')),
    problems: [
      'usage.jsonl:1:1: The line is an empty list. Expected: a mapping of keys to values, as docs/usage-record.schema.json says',
      'usage.jsonl:2:1: The line is null. Expected: a mapping of keys to values, as docs/usage-record.schema.json says',
      'usage.jsonl:3:1: `type` is missing. Expected: `operation` or `unrecorded`, as docs/usage-record.schema.json says',
      'usage.jsonl:4:1: `type` is "operations". Expected: `operation`, as docs/usage-record.schema.json says',
    ],
  },
  'a usage record with a bad date': {
    files: operations(
      'usage',
      'usage.jsonl',
      usage({ ...sampleUsageRecord(), hour: '2026-02-30T00:00:00.000Z' }),
    ),
    problems: [
      'usage.jsonl:1:1: `hour` is "2026-02-30T00:00:00.000Z". Expected: an instant such as 2026-01-31T00:00:00.000Z, as docs/usage-record.schema.json says',
    ],
  },
  'usage of the future': {
    files: operations(
      'usage',
      'usage.jsonl',
      usage({ ...sampleUsageRecord(), hour: '2026-03-02T00:00:00.000Z' }),
    ),
    problems: [
      'usage.jsonl:1:1: The record is of 2026-03-02T00:00:00.000Z, which is after 2026-03-01. Expected: usage up to the day of the check',
    ],
  },
  'usage whose document is no GraphQL': {
    files: operations('usage', 'usage.jsonl', usage({ ...sampleUsageRecord(), document: 'query {' })),
    problems: [
      'usage.jsonl:1:1: The document of the record is not GraphQL. Expected: a normalized operation in `document`',
    ],
  },
  'a day that there is not': {
    files: config(),
    today: '2026-02-30',
    problems: ['"2026-02-30" is no date. Expected: a date such as 2026-01-31'],
  },
}

const reportSchema = z.object({
  problems: z.array(z.object({ location: z.json(), message: z.string(), expected: z.string() })),
})

/** Checks as CI does. */
async function check({
  config: path = 'supergraph.yaml',
  base,
  today = '2026-03-01',
  env = {},
  ...one
}: Case) {
  const folder = one.committed === undefined ? testFolder({}) : testRepository(one.committed).folder
  writeFiles(folder, one.files)
  one.prepare?.(folder)
  const { terminal, output, errors } = createTestTerminal(folder, { today, environment: env })
  const option = base === undefined ? [] : ['--base', base]
  const code = await runCommand(['check', '--config', path, ...option, '--format', 'json'], terminal)
  const { problems } = reportSchema.parse(JSON.parse(output()))
  return { code, errors: errors(), problems: (problems as readonly Problem[]).map(printProblem) }
}

for (const [name, one] of Object.entries(CASES)) {
  test(`cannot check: ${name}`, async () => {
    expect(await check(one)).toEqual({ code: 2, errors: '', problems: one.problems })
  })
}

test('there are as many cases as were asked for', () => {
  expect(Object.keys(CASES).length).toBeGreaterThanOrEqual(40)
})
