import { topLevelFields } from '../resolution.ts'
import { defineRule } from '../rule.ts'

export const ids = defineRule({
  name: 'ids',
  recommended: 'warning',
  summary: 'A field `id` is an `ID!`, and each `@key` of an entity has a field of the type `ID!`.',
  reason:
    'Caches of clients and the gateway identify objects by these fields, and text or numbers invite to compute with them.',
  advice: 'Make the field an `ID!`.',
  options: {},
  *find({ types, resolution }) {
    for (const { name, fields, declarations } of types) {
      const id = fields.find((field) => field.name === 'id')
      const idType = resolution.fieldType(name, 'id')
      if (id?.isPublic && idType !== null && idType !== 'ID!') {
        const message = `\`${id.coordinate}\` is of the type \`${idType}\` and not \`ID!\`.`
        yield { coordinate: id.coordinate, message, declarations: id.declarations }
        continue
      }
      const keys = new Map(
        resolution.of(name).flatMap(({ subgraph, keys }) => keys.map((key) => [key, subgraph] as const)),
      )
      for (const [key, subgraph] of [...keys].sort(([a], [b]) => (a < b ? -1 : 1))) {
        const keyTypes = topLevelFields(key).map((field) => resolution.fieldType(name, field))
        /** What is inside of nested objects is checked where these are entities themselves. */
        if (keyTypes.includes('ID!') || key.includes('{')) continue
        yield {
          coordinate: name,
          message: `The key "${key}" of \`${name}\` has no field of the type \`ID!\`.`,
          declarations: declarations.filter((declaration) => declaration.subgraph === subgraph),
        }
      }
    }
  },
})
