import { type ConstDirectiveNode, Kind } from 'graphql'
import type { OwnersConfig } from '../config/check-config.ts'
import type { Owner } from '../model/finding.ts'
import type { Subgraph } from '../model/graph.ts'
import { type CoordinatePattern, coordinatePattern } from './coordinate-pattern.ts'

/** Who answers for what. */
export type Owners = {
  /** Whether anybody is named at all. */
  readonly areNamed: boolean
  /**
   * Who answers for an element, as far as these subgraphs write it down; sorted, empty where nobody is named. For each
   * subgraph the last row of the map that matches decides, and without one the `@contact` of its schema. A row without
   * owners takes them away.
   */
  of(coordinate: string | null, subgraphs: readonly string[]): readonly Owner[]
}

type Row = { readonly matches: CoordinatePattern; readonly owners: readonly Owner[] }

export function createOwners(subgraphs: readonly Subgraph[], config: OwnersConfig | null): Owners {
  const contacts = new Map(
    subgraphs.flatMap((subgraph) => {
      const contact = contactOf(subgraph)
      return contact === null ? [] : [[subgraph.name, contact] as const]
    }),
  )
  /** The last one first, because it decides. */
  const rows: readonly Row[] = (config?.rows ?? [])
    .map(({ pattern, owners }) => ({ matches: coordinatePattern(pattern), owners }))
    .reverse()

  const ownersIn = (coordinate: string, subgraph: string | null): readonly Owner[] => {
    const row = rows.find(({ matches }) => matches(coordinate, subgraph))
    if (row) return row.owners
    const contact = subgraph === null ? undefined : contacts.get(subgraph)
    return contact === undefined ? [] : [contact]
  }
  return {
    areNamed: contacts.size > 0 || rows.some(({ owners }) => owners.length > 0),
    of(coordinate, ofSubgraphs) {
      const places = ofSubgraphs.length > 0 ? ofSubgraphs : [null]
      const owners = places.flatMap((subgraph) => ownersIn(coordinate ?? '', subgraph))
      return [...new Set(owners)].sort()
    },
  }
}

/** `Catalog team (https://chat.example.org/catalog)`, from `@contact(name:, url:)` on the subgraph's schema. */
function contactOf({ document }: Subgraph): Owner | null {
  for (const node of document.definitions) {
    if (node.kind !== Kind.SCHEMA_DEFINITION && node.kind !== Kind.SCHEMA_EXTENSION) continue
    const contact = node.directives?.find((directive) => directive.name.value === 'contact')
    const name = contact && textArgument(contact, 'name')
    if (!contact || !name) continue
    const url = textArgument(contact, 'url')
    return url === null ? name : `${name} (${url})`
  }
  return null
}

function textArgument({ arguments: given }: ConstDirectiveNode, name: string): string | null {
  const value = given?.find((argument) => argument.name.value === name)?.value
  return value?.kind === Kind.STRING ? value.value : null
}
