import {
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  getNamedType,
  getNullableType,
  isListType,
  isObjectType,
} from 'graphql'
import { publicFieldsOf } from '../public-fields.ts'
import { defineRule } from '../rule.ts'

export const relayConnections = defineRule({
  name: 'relay-connections',
  recommended: 'warning',
  summary:
    'A type named `…Connection` has `edges` with `node` and `cursor`, and `pageInfo`; fields that return one take `first` and `after`, or `last` and `before`.',
  reason:
    'Clients page every connection with the same code, which relies on the names of the Relay specification.',
  advice: 'Add what is missing, or give the type another name.',
  options: {},
  *find({ types }) {
    for (const type of types) {
      if (isObjectType(type.api) && type.name.endsWith('Connection')) {
        const missing = missingOfConnection(type.api)
        if (missing.length > 0) {
          const message = `The connection \`${type.name}\` has no ${missing.join(' and no ')}.`
          yield { coordinate: type.name, message, declarations: type.declarations }
        }
      }
      for (const { view, api } of publicFieldsOf(type)) {
        if (!isConnection(api.type) || canBePaged(api)) continue
        const message = `\`${view.coordinate}\` returns a connection, but takes neither \`first\` and \`after\` nor \`last\` and \`before\`.`
        yield { coordinate: view.coordinate, message, declarations: view.declarations }
      }
    }
  },
})

function isConnection(type: GraphQLOutputType): boolean {
  const nullable = getNullableType(type)
  return isObjectType(nullable) && nullable.name.endsWith('Connection')
}

function canBePaged({ args }: GraphQLField<unknown, unknown>): boolean {
  const names = new Set(args.map(({ name }) => name))
  return (names.has('first') && names.has('after')) || (names.has('last') && names.has('before'))
}

function missingOfConnection(connection: GraphQLObjectType): readonly string[] {
  const { edges, pageInfo } = connection.getFields()
  const missing: string[] = []
  const list = edges && getNullableType(edges.type)
  const edge = list && isListType(list) ? getNamedType(list) : undefined
  if (edge === undefined) missing.push('list `edges`')
  else if (!isObjectType(edge)) missing.push('objects in `edges`')
  else {
    const fields = edge.getFields()
    if (!fields.node) missing.push('`node` in its edges')
    if (!fields.cursor) missing.push('`cursor` in its edges')
  }
  if (pageInfo === undefined || String(pageInfo.type) !== 'PageInfo!') missing.push('`pageInfo: PageInfo!`')
  return missing
}
