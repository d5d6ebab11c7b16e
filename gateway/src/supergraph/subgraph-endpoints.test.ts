import { expect, test } from 'vitest'
import { type OwnSubgraph, subgraphEndpoints } from './subgraph-endpoints.ts'

const SECRET = 'a-secret-of-the-gateway'
const SETTING = 'http://127.0.0.1:4001/graphql'
const PLACEHOLDER = 'http://personalization.invalid/graphql'
const REAL = 'https://recommend.example/graphql'

function endpoint(
  name: string,
  url: string,
  replaces: OwnSubgraph['replaces'],
  secret: string | null = SECRET,
) {
  const own = new Map([['personalization', { url: SETTING, replaces }]])
  return subgraphEndpoints({ subgraphs: [{ name, url }] }, { own, secret })[0]
}

test('a placeholder of our own subgraph is replaced by the setting, and only there the secret is sent', () => {
  expect(endpoint('personalization', PLACEHOLDER, 'placeholder')).toEqual({
    name: 'personalization',
    url: SETTING,
    secret: SECRET,
  })
})

test('a subgraph that only has the name of one of ours keeps its URL, and gets no secret', () => {
  expect(endpoint('personalization', REAL, 'placeholder')).toEqual({
    name: 'personalization',
    url: REAL,
    secret: null,
  })
})

test('a setting that was given replaces a real URL too', () => {
  expect(endpoint('personalization', REAL, 'always')).toMatchObject({ url: SETTING, secret: SECRET })
  expect(endpoint('personalization', '', 'always')).toMatchObject({ url: SETTING, secret: SECRET })
})

test('any other subgraph has the URL of the supergraph and no secret, a placeholder included', () => {
  expect(endpoint('search', REAL, 'always')).toEqual({ name: 'search', url: REAL, secret: null })
  const placeholder = 'http://search.invalid/graphql'
  expect(endpoint('search', placeholder, 'always')).toMatchObject({ url: placeholder, secret: null })
})

test('no secret is sent where none is set', () => {
  const own = new Map([['personalization', { url: SETTING, replaces: 'always' as const }]])
  const subgraphs = [{ name: 'personalization', url: PLACEHOLDER }]
  expect(subgraphEndpoints({ subgraphs }, { own, secret: null })[0]?.secret).toBeNull()
})

test.each([
  ['none', ''],
  ['no host', 'localhost'],
  ['another protocol', 'ws://recommend.example'],
  ['a file', 'file:///etc/passwd'],
  ['a host that only looks like a placeholder', 'personalization.invalid'],
])('a subgraph whose URL is %s is refused by name', (_name, url) => {
  expect(() => endpoint('search', url, 'placeholder')).toThrow('subgraph "search" has no http(s) URL')
  expect(() => endpoint('personalization', url, 'placeholder')).toThrow('subgraph "personalization"')
})
