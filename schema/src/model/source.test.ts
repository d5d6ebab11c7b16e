import fc from 'fast-check'
import { getLocation, parse, visit } from 'graphql'
import { expect, test } from 'vitest'
import { graphqlSource, locationOf } from './source.ts'

test('a node stands where graphql says, whatever ends the lines', () => {
  const separator = fc.constantFrom('\n', '\r\n', '\r', ' ', '\n\n', '# \u00e9\n', ',\ufeff')
  fc.assert(
    fc.property(fc.array(separator, { minLength: 4, maxLength: 4 }), ([a, b, c, d]) => {
      const text = `${a}type Query {${b}one: Int${c}two(of: [Int!]): String }${d}`
      let nodes = 0
      visit(parse(graphqlSource({ path: 'a.graphql', text })), {
        enter(node) {
          if (node.loc === undefined) return
          nodes += 1
          expect(locationOf(node)).toEqual({
            file: 'a.graphql',
            ...getLocation(node.loc.source, node.loc.start),
          })
        },
      })
      expect(nodes).toBeGreaterThan(10)
    }),
  )
})
