/**
 * Who may import whom. `npm run lint` refuses what no row allows.
 *
 * A group of rows is for one folder; with a `*` in its name, for the same folder in each subgraph. A row is for a room:
 * one file, or a folder with everything below it that has no row of its own. Two names are special:
 *   .        everything in the group's folder that has no row of its own
 *   tests    *.test.ts and testing/, anywhere in the group's folder
 *
 * The row lists what the room may import besides itself:
 *   services  main.ts            a room of the same group (so never one of the other subgraph); * is all of them
 *   @service  @service/tests     a room in the src folder of another package, imported by the package's name
 *   /.ci                         a room by its path from the root of the repository
 *   npm:zod  npm:@x/*  node:fs   a module from outside; `node:crypto{createHash}` allows one name of it
 *   outside                      any module from outside but the RESERVED ones
 *
 * For a new folder add a row, and its name to the rows that may import it. A row without a file and a word that no
 * import needs are refused too, so the table shows what is there.
 */
export const TABLE = {
  'packages/contracts/src': {
    '.': 'assignment conditions signatures npm:zod node:crypto{createHash,hash}',
    assignment: '. conditions npm:zod',
    conditions: '. npm:lru-cache npm:re2js',
    signatures: '. assignment npm:zod node:crypto',
    tests: '* /packages/contracts/vectors outside npm:fast-check npm:vitest',
  },
  'packages/contracts': { vectors: '' },
  'packages/statistics/src': {
    'distributions.ts': 'npm:@stdlib/*',
    '.': 'distributions.ts',
    tests: '* npm:fast-check npm:vitest',
  },
  'packages/service/src': {
    '.': 'outside npm:@apollo/server npm:fastify npm:graphql',
    tests: '* outside npm:fast-check npm:fastify npm:graphql npm:vitest',
  },
  'packages/threads/src': {
    '.': 'outside',
    tests: '* outside npm:vitest',
  },
  'packages/datastore/src': {
    '.': '@threads outside npm:mongodb node:sqlite',
    tests:
      '* @threads outside npm:fast-check npm:mongodb npm:mongodb-memory-server-core npm:vitest node:sqlite',
  },
  'subgraphs/*/src': {
    domain: '@contracts npm:zod node:crypto{createHash,hash}',
    'datastore/analyses-port.ts': 'domain',
    'datastore/analyst-port.ts': '@contracts',
    'datastore/archive-port.ts': '',
    'datastore/model-decisions-port.ts': 'domain',
    'datastore/port.ts':
      'datastore/analyses-port.ts datastore/analyst-port.ts datastore/archive-port.ts datastore/model-decisions-port.ts domain @contracts',
    'datastore/logged-slate-pages.ts': 'datastore/port.ts',
    datastore: 'datastore/port.ts domain @contracts npm:zod',
    'datastore/sqlite':
      'datastore datastore/analyses-port.ts datastore/analyst-port.ts datastore/archive-port.ts datastore/port.ts domain @contracts @datastore @threads outside node:sqlite',
    'datastore/mongodb':
      'datastore datastore/analyses-port.ts datastore/analyst-port.ts datastore/archive-port.ts datastore/port.ts domain @contracts @datastore outside',
    'datastore/open.ts': 'datastore/port.ts datastore/sqlite datastore/mongodb @datastore',
    'read-model/port.ts': 'domain datastore/port.ts',
    'read-model': 'read-model/port.ts domain datastore/port.ts @contracts outside npm:@duckdb/node-api',
    analysis: 'read-model/port.ts domain @contracts @statistics',
    'errors.ts': '@service',
    state: 'domain datastore/port.ts @contracts @datastore @threads node:timers/promises npm:lru-cache',
    delivery: 'state domain datastore/port.ts @contracts @service outside',
    services:
      'analysis state domain datastore/logged-slate-pages.ts datastore/port.ts read-model/port.ts errors.ts @contracts @service @threads outside',
    workers: 'services state delivery domain datastore/port.ts @contracts @service @threads outside',
    http: 'services errors.ts @contracts @service outside npm:fastify',
    graphql:
      'services domain datastore/port.ts errors.ts @contracts @service outside npm:@apollo/subgraph npm:graphql',
    api: 'domain @contracts @service outside',
    terminal: 'api services analysis domain @service',
    import: 'terminal domain datastore/port.ts @contracts @service outside',
    demo: 'services domain datastore/port.ts @contracts outside',
    'analyst-settings.ts': '@service',
    analyst:
      'services workers read-model read-model/port.ts datastore/open.ts datastore/port.ts config.ts @service outside',
    'settings.ts': 'analyst-settings.ts @contracts @service npm:zod',
    'config.ts': 'settings.ts @service node:crypto{hash}',
    'app.ts':
      'graphql http workers services state delivery datastore/port.ts config.ts settings.ts errors.ts @service outside npm:fastify',
    'main.ts': 'app.ts analyst datastore/open.ts read-model config.ts @service',
    export: 'domain datastore/logged-slate-pages.ts datastore/port.ts outside npm:@duckdb/node-api',
    'command-line': 'import api demo/demo-command.ts domain @contracts @service outside',
    commands:
      'command-line import export api terminal analysis domain read-model services state workers datastore/open.ts datastore/port.ts config.ts @contracts @datastore @service outside',
    'demo/demo-command.ts': 'demo commands config.ts services terminal domain datastore/port.ts @service',
    'cli.ts':
      'command-line commands analyst demo/demo-command.ts terminal services datastore/open.ts config.ts @datastore @service',
    tests:
      '* @contracts @datastore @datastore/tests @service @service/tests @statistics outside npm:@duckdb/node-api npm:fast-check npm:graphql npm:vitest',
  },
  'subgraphs/*': { 'codegen.ts': 'npm:@graphql-codegen/cli' },
  'gateway/src': {
    'errors.ts': '@service',
    limits: 'errors.ts supergraph @service npm:graphql',
    protection: 'errors.ts @service outside npm:fastify',
    'persisted-operations': 'errors.ts @service outside',
    page: 'outside npm:fastify npm:graphql',
    'config.ts': 'identity limits persisted-operations protection supergraph @service npm:zod node:url',
    identity: 'errors.ts @contracts @service outside',
    subgraphs: 'identity errors.ts @service outside npm:graphql',
    supergraph: '@service outside npm:@apollo/federation-internals npm:@apollo/query-planner npm:graphql',
    execution: 'identity supergraph subgraphs errors.ts @service npm:@apollo/query-planner npm:graphql',
    operations:
      'errors.ts execution limits supergraph usage @service outside npm:@apollo/federation-internals npm:@apollo/query-planner npm:graphql',
    usage: '@service outside npm:@apollo/utils.usagereporting npm:graphql',
    observability: 'operations usage errors.ts @service outside npm:fastify',
    http: 'identity observability operations execution persisted-operations protection subgraphs errors.ts @service outside npm:fastify npm:graphql',
    '.': 'http identity observability operations page persisted-operations protection subgraphs supergraph usage config.ts @service',
    'run-gateway.ts': '. config.ts @service',
    'main.ts': 'run-gateway.ts config.ts @service',
    'command-line.ts': 'config.ts @service outside',
    'cli.ts': 'command-line.ts run-gateway.ts config.ts @service',
    tests:
      '* @contracts @service @service/tests outside npm:@apollo/* npm:fast-check npm:fastify npm:graphql npm:vitest',
  },
  'schema/build': { '.': 'outside', tests: 'outside npm:vitest' },
  'schema/ci': { '.': 'outside' },
  'schema/src': {
    '.': '@gateway/usage @service outside npm:@apollo/* npm:graphql',
    tests: '* @gateway/usage @service outside npm:@apollo/* npm:fast-check npm:graphql npm:vitest',
  },
  'dev/src': {
    '.': 'demo @contracts @datastore @gateway/page @service outside',
    demo: '. @contracts @experimentation/api @gateway/identity @personalization/api @personalization/demo @service outside',
    'token.ts': '. @gateway/identity @service outside',
    docs: '@contracts @experimentation/settings.ts @experimentation/errors.ts @gateway/config.ts @gateway/errors.ts @gateway/usage @personalization/settings.ts @personalization/errors.ts @service outside',
    tests: '* @contracts @datastore @gateway/identity /.ci outside npm:vitest',
  },
  dev: { '.': 'outside' },
  e2e: {
    '.': 'harness/models @contracts @datastore @datastore/tests @dev @dev/demo @example-analysis @example-frontend @gateway/identity @gateway/tests @experimentation/api @personalization/api @personalization/datastore/open.ts @service outside npm:@apollo/client npm:mongodb npm:vitest node:sqlite',
    'harness/models':
      '. @contracts @dev @personalization/datastore/open.ts @personalization/domain outside npm:vitest',
  },
  'bench/src': {
    'config.ts': 'outside',
    'context.ts': 'config.ts',
    harness: '@contracts @dev /e2e @service outside',
    gateway:
      'gateway/canned gateway/peers/stock-main.ts harness context.ts config.ts @contracts @dev /e2e @service outside npm:graphql',
    'gateway/canned': 'harness @dev @service outside npm:@apollo/subgraph npm:graphql',
    'gateway/peers/stock-main.ts': 'outside npm:@apollo/gateway npm:@apollo/server npm:fastify',
    evaluator: 'harness context.ts @contracts @service outside',
    'hostile-documents': 'harness context.ts @gateway @gateway/config.ts @gateway/tests @service outside',
    analysis:
      'harness ingest context.ts @dev /e2e @experimentation/datastore/open.ts @experimentation/datastore/port.ts @experimentation/domain @experimentation/read-model @experimentation/read-model/port.ts @experimentation/tests @service outside',
    import: 'harness context.ts @contracts @datastore/tests /e2e @service outside npm:mongodb node:sqlite',
    ingest: 'harness context.ts @contracts @datastore/tests /e2e @service outside npm:mongodb node:sqlite',
    'ingest-faults':
      'harness context.ts @contracts @datastore/tests @dev /e2e @experimentation/datastore/open.ts @experimentation/datastore/port.ts @service outside npm:mongodb',
    statistics:
      'harness context.ts @experimentation/analysis @experimentation/domain @experimentation/read-model/port.ts @experimentation/tests @service @statistics @statistics/distributions.ts outside',
    'recommend/constant-main.ts':
      'recommend @personalization/config.ts @personalization/datastore/open.ts @personalization/errors.ts @personalization/graphql @personalization/settings.ts @service',
    recommend:
      'harness context.ts recommend/constant-main.ts @contracts @datastore/tests @dev /e2e @personalization/datastore/open.ts @personalization/datastore/port.ts @personalization/domain @personalization/graphql @service outside',
    'model-path':
      'harness recommend context.ts @datastore/tests @dev /e2e /e2e/harness/models @personalization/datastore/open.ts @personalization/datastore/port.ts @personalization/domain @service outside',
    'schema-check': 'harness context.ts @dev @service outside',
    nearest: 'harness context.ts @dev @personalization/domain @personalization/tests @service outside',
    train:
      'harness context.ts @dev @personalization/domain @personalization/tests @service @statistics outside',
    '.': 'analysis evaluator gateway hostile-documents import ingest ingest-faults model-path nearest recommend schema-check statistics train context.ts @service outside',
    'cli.ts': '. config.ts',
    tests: 'gateway harness statistics @statistics /e2e outside npm:vitest',
  },
  'examples/analysis/src': { '.': 'outside npm:@duckdb/node-api' },
  'examples/frontend': { 'codegen.ts': '@gateway/supergraph outside npm:graphql' },
  'examples/frontend/src': { '.': 'npm:@apollo/client' },
  '.ci': { '.': 'outside' },
  '.': { 'vitest.config.ts': 'npm:vitest', 'vitest.seeded-fast-check.mjs': 'npm:fast-check' },
} as const

/** Drivers, transports and test tools: only the rooms that name them may import them. */
export const RESERVED =
  'npm:@duckdb/node-api npm:mongodb npm:mongodb-memory-server-core node:sqlite npm:graphql npm:@apollo/* npm:fastify npm:vitest npm:fast-check'
