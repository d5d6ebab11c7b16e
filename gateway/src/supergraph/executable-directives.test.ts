import { parse, print } from 'graphql'
import { expect, test } from 'vitest'
import { withoutLinksOfExecutableDirectives } from './executable-directives.ts'

function schemaOf(sdl: string): string {
  const [schema] = withoutLinksOfExecutableDirectives(parse(sdl)).definitions
  return schema ? print(schema).replaceAll(/\s+/g, ' ') : ''
}

test('a link that brings a directive for operations goes, so that clients keep the directive', () => {
  const sdl =
    'schema @link(url: "https://example.com/a/v1.0", import: ["@a"]) { query: Query } directive @a on FIELD'
  expect(schemaOf(sdl)).toBe('schema { query: Query }')
})

test('so does one that imports it by another name', () => {
  const link = '@link(url: "https://example.com/a/v1.0", import: [{ name: "@a", as: "@b" }])'
  expect(schemaOf(`schema ${link} { query: Query } directive @b on FIELD`)).toBe('schema { query: Query }')
})

test('a link for schemas stays', () => {
  const schema = 'schema @link(url: "https://example.com/a/v1.0", import: ["@a"]) { query: Query }'
  expect(schemaOf(`${schema} directive @a on OBJECT`)).toBe(schema)
})
