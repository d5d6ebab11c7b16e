import { expect, test } from 'vitest'
import { prepareOperation } from '../operations/prepare-operation.ts'
import type { FetchAnswer, SubgraphFetch } from '../subgraphs/fetch-subgraph.ts'
import { buildSupergraph, type Supergraph } from '../supergraph/supergraph.ts'
import { composeSample } from '../testing/compose-sample.ts'
import { fakeFetch, notesOf, type SentFetch, sampleGraph } from '../testing/sample-graph.ts'
import type { Chunk } from './deferred-parts.ts'
import { type ExecutionOptions, executeOperation } from './execute-operation.ts'

const GRAPH = sampleGraph()
const UNAVAILABLE = { code: 'SUBGRAPH_UNAVAILABLE', message: 'notes is not available', retryable: true }

async function execute(
  query: string,
  respond: (sent: SentFetch) => Partial<FetchAnswer> | Promise<Partial<FetchAnswer>>,
  options: Partial<ExecutionOptions> & { readonly acceptsParts?: boolean; readonly graph?: Supergraph } = {},
) {
  const { acceptsParts = true, variables = {}, graph = GRAPH } = options
  const operation = prepareOperation(graph, { query, operationName: undefined, acceptsParts })
  if (!('compiledFor' in operation)) throw operation[0]
  const { fetch, sent } = fakeFetch(respond)
  const execution = await executeOperation(
    operation.compiledFor(variables, () => true),
    {
      variables,
      coercedVariables: variables,
      fetch,
      deadlines: { rootMs: 5_000, entityMs: 150, deferredMs: 10_000 },
      requestId: 'request-0001',
      caller: null,
      cancellation: null,
      ...options,
    },
  )
  // A copy, as a client has it: later parts are added to the answer that the executor keeps.
  const initial = structuredClone(execution.initial)
  const chunks: Chunk[] | null = execution.later ? [] : null
  for await (const chunk of execution.later ?? []) chunks?.push(chunk)
  return { ...initial, chunks, sent }
}

/** Pages with these ids from `pages`, notes from `notes`. */
function answerWith(ids: readonly string[]) {
  const pages = ids.map((id) => ({ __typename: 'Page', id, title: `page ${id}` }))
  return ({ subgraph, ids: asked }: SentFetch): Partial<FetchAnswer> =>
    subgraph === 'pages' ? { data: { page: pages[0], pages } } : notesOf(asked)
}

test('fields of two subgraphs become one answer, in the order in which they were asked for', async () => {
  const { data, errors } = await execute('{ page { notes id title } }', answerWith(['1']))
  expect(JSON.stringify(data)).toBe('{"page":{"notes":["about 1"],"id":"1","title":"page 1"}}')
  expect(errors).toEqual([])
})

test('an entity that stands at several places is asked for once, and each place gets a copy of its own', async () => {
  const { data, sent } = await execute('{ pages { notes } }', answerWith(['1', '2', '1']))
  expect(sent[1]?.ids).toEqual(['1', '2'])
  expect(data).toEqual({ pages: [{ notes: ['about 1'] }, { notes: ['about 2'] }, { notes: ['about 1'] }] })
  const { pages } = data as { pages: { notes: string[] }[] }
  const [first, , third] = pages
  expect(first?.notes).not.toBe(third?.notes)
})

test('a fetch that failed is an error at each field that it asked of an interface', async () => {
  const types = (fields: string) => `interface Text @key(fields: "id") { id: ID! ${fields} }
    type Page implements Text @key(fields: "id") { id: ID! ${fields} }
    type Card implements Text @key(fields: "id") { id: ID! ${fields} }`
  const graph = buildSupergraph(
    composeSample({
      texts: `type Query { texts: [Text] } ${types('')}`,
      sizes: types('words: Int lines: Int'),
    }),
  )
  const texts = [
    { __typename: 'Page', id: '1' },
    { __typename: 'Card', id: '2' },
  ]
  const { errors } = await execute(
    '{ texts { words ... on Card { lines } } }',
    ({ subgraph }) => (subgraph === 'texts' ? { data: { texts } } : { data: null, failure: UNAVAILABLE }),
    { graph },
  )
  expect(errors.map(({ path }) => path?.join('.')).sort()).toEqual([
    'texts.0.words',
    'texts.1.lines',
    'texts.1.words',
  ])
})

test('an error of an entity is reported at each place where the entity stands', async () => {
  const error = { message: 'no', path: ['_entities', 0, 'notes'], extensions: { code: 'FORBIDDEN' } }
  const { errors } = await execute('{ pages { notes } }', (sent) =>
    sent.subgraph === 'pages'
      ? answerWith(['1', '2', '1'])(sent)
      : { data: { _entities: [{ notes: null }, { notes: [] }] }, errors: [error] },
  )
  expect(errors.map(({ path }) => path)).toEqual([
    ['pages', 0, 'notes'],
    ['pages', 2, 'notes'],
  ])
  expect(errors[0]?.extensions).toEqual({
    code: 'FORBIDDEN',
    subgraph: 'notes',
    retryable: false,
    requestId: 'request-0001',
  })
})

test('a fetch that failed nulls its own fields, each with an error at its path', async () => {
  const { data, errors } = await execute('{ pages { id notes } }', (sent) =>
    sent.subgraph === 'pages' ? answerWith(['1', '2'])(sent) : { failure: UNAVAILABLE },
  )
  expect(data).toEqual({
    pages: [
      { id: '1', notes: null },
      { id: '2', notes: null },
    ],
  })
  expect(errors.map(({ path, extensions }) => [path, extensions.code, extensions.subgraph])).toEqual([
    [['pages', 0, 'notes'], 'SUBGRAPH_UNAVAILABLE', 'notes'],
    [['pages', 1, 'notes'], 'SUBGRAPH_UNAVAILABLE', 'notes'],
  ])
})

test.each([
  ['too few', [{ notes: ['x'] }]],
  ['too many', [{ notes: ['x'] }, { notes: ['y'] }, { notes: ['z'] }]],
])('%s entities are not guessed at', async (_name, entities) => {
  const { data, errors } = await execute('{ pages { notes } }', (sent) =>
    sent.subgraph === 'pages' ? answerWith(['1', '2'])(sent) : { data: { _entities: entities } },
  )
  expect(data).toEqual({ pages: [{ notes: null }, { notes: null }] })
  expect(errors.map(({ extensions }) => extensions.code)).toEqual([
    'SUBGRAPH_INVALID_RESPONSE',
    'SUBGRAPH_INVALID_RESPONSE',
  ])
})

test('a null where none is allowed nulls the nearest place that may be null, with one error', async () => {
  const { data, errors } = await execute('{ pages { id best } }', (sent) =>
    sent.subgraph === 'pages'
      ? answerWith(['1', '2'])(sent)
      : { data: { _entities: [{ best: 'b' }, { best: null }] } },
  )
  expect(data).toEqual({ pages: null })
  expect(errors).toEqual([
    {
      message: 'Page.best must not be null, but its subgraph gave no value',
      path: ['pages', 1, 'best'],
      extensions: {
        code: 'SUBGRAPH_INVALID_RESPONSE',
        subgraph: 'notes',
        retryable: false,
        requestId: 'request-0001',
      },
    },
  ])
})

test('a null at the root that must not be null leaves no data', async () => {
  const { data, errors } = await execute('{ must page { id } }', () => ({ data: { must: null, page: null } }))
  expect(data).toBeNull()
  expect(errors).toHaveLength(1)
})

test.each([
  ['a number for text', '{ page { title } }', { page: { title: 5 } }, { page: null }],
  ['an object for text', '{ page { title } }', { page: { title: {} } }, { page: null }],
  ['a list for an object', '{ page { title } }', { page: [] }, { page: null }],
  ['text for an object', '{ page { title } }', { page: 'x' }, { page: null }],
  ['an object for a list', '{ pages { title } }', { pages: {} }, { pages: null }],
  ['an unknown enum value', '{ page { kind } }', { page: { kind: 'HUGE' } }, { page: { kind: null } }],
  ['another type', '{ page { kind notes } }', { page: { __typename: 'Kind', kind: 'LONG' } }, { page: null }],
])('%s is null with an error that says so', async (_name, query, given, expected) => {
  const { data, errors } = await execute(query, () => ({ data: given }))
  expect(data).toEqual(expected)
  expect(errors.map(({ extensions }) => [extensions.code, extensions.subgraph])).toEqual([
    ['SUBGRAPH_INVALID_RESPONSE', 'pages'],
  ])
})

test('root fields, added fields and deferred fields have deadlines of their own', async () => {
  const plain = await execute('{ page { notes } }', answerWith(['1']))
  expect(plain.sent.map(({ deadlineMs }) => deadlineMs)).toEqual([5_000, 150])
  const deferred = await execute('{ page { id ... @defer { notes } } }', answerWith(['1']))
  const [root, later] = deferred.sent
  expect(root?.deadlineMs).toBe(5_000)
  expect(later?.deadlineMs).toBeGreaterThan(9_000)
  expect(later?.deadlineMs).toBeLessThanOrEqual(10_000)
})

test('queries without effects may be shared and retried; effects, mutations and what follows them may not', async () => {
  const effectFree = async (query: string) =>
    (
      await execute(
        query,
        (sent) =>
          ({
            data:
              sent.ids.length > 0
                ? notesOf(sent.ids).data
                : {
                    page: { __typename: 'Page', id: '1' },
                    seen: { id: '1' },
                    open: { __typename: 'Page', id: '1' },
                  },
          }) as Partial<FetchAnswer>,
      )
    ).sent.map((sent) => sent.effectFree)
  expect(await effectFree('{ page { notes } }')).toEqual([true, true])
  expect(await effectFree('{ seen { id } }')).toEqual([false])
  expect(await effectFree('mutation { open(id: "1") { notes } }')).toEqual([false, false])
})

test('mutations of two subgraphs are sent in the order of the document, each after the one before has ended', async () => {
  const running: string[] = []
  await execute(
    'mutation { a: open(id: "1") { id } b: note(text: "x") { id } c: open(id: "2") { id } }',
    async (sent) => {
      running.push(`${sent.subgraph} begins`)
      await new Promise(setImmediate)
      running.push(`${sent.subgraph} ends`)
      return { data: {} }
    },
  )
  expect(running).toEqual(['pages', 'notes', 'pages'].flatMap((name) => [`${name} begins`, `${name} ends`]))
})

test('the next field of a mutation does not wait for what the one before defers', async () => {
  const noteBegun = Promise.withResolvers<void>()
  const { data } = await execute(
    'mutation { open(id: "1") { id ... @defer { notes } } note(text: "x") { id } }',
    async ({ subgraph, ids }) => {
      if (subgraph === 'notes' && ids.length === 0) noteBegun.resolve()
      // The deferred part only comes once the next field was asked for.
      if (ids.length > 0) await noteBegun.promise
      return ids.length > 0
        ? notesOf(ids)
        : { data: { open: { __typename: 'Page', id: '1' }, note: { id: '2' } } }
    },
  )
  expect(data).toEqual({ open: { id: '1' }, note: { id: '2' } })
})

test('a deferred part comes for each element of a list, with its index', async () => {
  const { data, chunks } = await execute(
    '{ pages { id ... @defer(label: "n") { notes } } }',
    answerWith(['1', '2']),
  )
  expect(data).toEqual({ pages: [{ id: '1' }, { id: '2' }] })
  expect(chunks).toEqual([
    {
      incremental: [
        { path: ['pages', 0], label: 'n', data: { notes: ['about 1'] } },
        { path: ['pages', 1], label: 'n', data: { notes: ['about 2'] } },
      ],
      hasNext: false,
    },
  ])
})

test('an object with nothing but a part in a part comes empty, so that the inner part has a place', async () => {
  const { data, chunks } = await execute(
    '{ ... @defer(label: "outer") { first: page { ... @defer(label: "inner") { id } } } }',
    ({ subgraph, ids }) =>
      subgraph === 'pages'
        ? {
            data: {
              page: { __typename: 'Page', id: '1' },
              _0_page: { __typename: 'Page', id: '1' },
              _entities: ids.map((id) => ({ __typename: 'Page', id })),
            },
          }
        : {},
  )
  expect(data).toEqual({})
  expect(chunks?.flatMap(({ incremental = [] }) => incremental)).toEqual([
    { path: [], label: 'outer', data: { first: {} } },
    { path: ['first'], label: 'inner', data: { id: '1' } },
  ])
})

test('what the subgraphs gave stays as it is where a deferred part is made of it, and nowhere else', async () => {
  async function kindAfter(query: string) {
    const page = { __typename: 'Page', id: '1', kind: 'WIDE' }
    const fetch: SubgraphFetch = async ({ subgraph }) => ({
      data: subgraph === 'pages' ? { page } : { _entities: [{ notes: [] }] },
      errors: [],
      failure: null,
    })
    const { data } = await execute(query, () => ({}), { fetch })
    expect(data).toEqual({ page: { __typename: 'Page', id: '1', kind: null } })
    return page.kind
  }
  expect(await kindAfter('{ page { __typename id kind ... @defer { notes } } }')).toBe('WIDE')
  expect(await kindAfter('{ page { __typename id kind } }')).toBe(null)
})

test('a deferred part that failed ends the answer with nulls and errors', async () => {
  const { errors, chunks } = await execute('{ page { id ... @defer { notes best } } }', (sent) =>
    sent.subgraph === 'pages' ? answerWith(['1'])(sent) : { failure: UNAVAILABLE },
  )
  expect(errors).toEqual([])
  expect(chunks).toHaveLength(1)
  expect(chunks?.[0]).toMatchObject({
    incremental: [
      { path: ['page'], data: null, errors: [{ path: ['page', 'notes'] }, { path: ['page', 'best'] }] },
    ],
    hasNext: false,
  })
})

test('nothing is delivered below a place where the client has null, and the answer still ends', async () => {
  const { data, chunks } = await execute('{ page { title ... @defer { notes } } }', (sent) =>
    sent.subgraph === 'pages'
      ? { data: { page: { __typename: 'Page', id: '1', title: null } } }
      : notesOf(sent.ids),
  )
  expect(data).toEqual({ page: null })
  expect(chunks).toEqual([{ hasNext: false }])
})

test('a client that takes one answer gets deferred fields in it', async () => {
  const { data, chunks } = await execute('{ page { id ... @defer { notes } } }', answerWith(['1']), {
    acceptsParts: false,
  })
  expect(data).toEqual({ page: { id: '1', notes: ['about 1'] } })
  expect(chunks).toBeNull()
})

test('the condition of @defer is decided by its variable', async () => {
  const query = 'query ($later: Boolean!) { page { id ... @defer(if: $later) { notes } } }'
  const whole = await execute(query, answerWith(['1']), { variables: { later: false } })
  expect([whole.data, whole.chunks]).toEqual([{ page: { id: '1', notes: ['about 1'] } }, null])
  const parts = await execute(query, answerWith(['1']), { variables: { later: true } })
  expect(parts.data).toEqual({ page: { id: '1' } })
  expect(parts.chunks).toHaveLength(1)
})

test('introspection and the name of the root are answered without a fetch', async () => {
  const { data, sent } = await execute(
    'query ($name: String!) { me: __typename __type(name: $name) { fields { name } } }',
    () => ({}),
    { variables: { name: 'Page' } },
  )
  expect(data).toMatchObject({ me: 'Query', __type: { fields: expect.arrayContaining([{ name: 'notes' }]) } })
  expect(sent).toEqual([])
})

test('a defect of a fetch rejects the execution, and later parts reject where they are read', async () => {
  const broken = () => Promise.reject(new Error('a defect'))
  await expect(execute('{ page { id } }', broken)).rejects.toThrow('a defect')
  await expect(
    execute('{ page { id ... @defer { notes } } }', (sent) =>
      sent.subgraph === 'pages' ? answerWith(['1'])(sent) : broken(),
    ),
  ).rejects.toThrow('a defect')
})
