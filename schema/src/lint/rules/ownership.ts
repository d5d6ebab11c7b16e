import { defineRule } from '../rule.ts'

export const ownership = defineRule({
  name: 'ownership',
  recommended: 'warning',
  summary: 'Each type and field has an owner, by the map of owners or the `@contact` of its subgraph.',
  reason: 'Whoever meets a change, an outage or a question has to know whom to ask.',
  advice: 'Add a row to `check.owners`, or `@contact` to the schema of the subgraph.',
  options: {},
  *find({ types, owners }) {
    if (!owners.areNamed) {
      const message = 'No owner is named: neither by `check.owners` nor by a `@contact`.'
      yield { coordinate: null, message, declarations: [] }
      return
    }
    for (const { name, api, root, declarations, fields } of types) {
      if (api === undefined) continue
      const hasOwner = (coordinate: string, places: readonly { readonly subgraph: string }[]): boolean =>
        owners.of(
          coordinate,
          places.map(({ subgraph }) => subgraph),
        ).length > 0
      // A root type belongs to all; its fields have owners.
      if (root === null && !hasOwner(name, declarations)) {
        yield { coordinate: name, message: `The type \`${name}\` has no owner.`, declarations }
        continue
      }
      for (const { coordinate, isPublic, declarations: nodes } of fields) {
        if (!isPublic || hasOwner(coordinate, nodes)) continue
        yield { coordinate, message: `The field \`${coordinate}\` has no owner.`, declarations: nodes }
      }
    }
  },
})
