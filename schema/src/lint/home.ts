import { ownFields, type Resolution, type SubgraphType } from './resolution.ts'

/**
 * The subgraph that an entity belongs to: without it there is no such object, while any other only adds to it. That is
 * the one that resolves the most of its fields beside the keys; of several, one whose Query returns it, then the first by
 * name. null for a type that is no entity, or that one subgraph has for itself.
 */
export function homeOf(resolution: Resolution, type: string): string | null {
  const places = resolution.of(type)
  if (places.length < 2 || places.every(({ keys }) => keys.length === 0)) return null
  const isReturnedByQuery = (subgraph: string): boolean => {
    const query = resolution.of('Query').find((place) => place.subgraph === subgraph)
    return [...(query?.fields.values() ?? [])].some((field) => field.type === type)
  }
  const ranked = places
    .map((place) => ({
      subgraph: place.subgraph,
      fields: ownFields(place).length,
      isReturned: isReturnedByQuery(place.subgraph),
    }))
    .sort(
      (a, b) =>
        b.fields - a.fields ||
        Number(b.isReturned) - Number(a.isReturned) ||
        (a.subgraph < b.subgraph ? -1 : 1),
    )
  return ranked[0]?.subgraph ?? null
}

/**
 * The non-null fields of a type that this subgraph cannot resolve and others can: without these, none of the objects that
 * it returns is complete.
 */
export function foreignNonNullFields(
  resolution: Resolution,
  type: string,
  subgraph: string,
  provided: ReadonlySet<string> = new Set(),
): readonly { readonly field: string; readonly resolvedBy: readonly string[] }[] {
  const places = resolution.of(type)
  const here = places.find((place) => place.subgraph === subgraph)
  if (here === undefined) return []
  const resolvedBy = new Map<string, string[]>()
  for (const place of places) {
    for (const field of place.fields.keys()) {
      resolvedBy.set(field, [...(resolvedBy.get(field) ?? []), place.subgraph])
    }
  }
  return [...resolvedBy]
    .filter(([field]) => canAnswer(here, field) === false && !provided.has(field))
    .filter(([field]) => resolution.fieldType(type, field)?.endsWith('!'))
    .map(([field, subgraphs]) => ({ field, resolvedBy: subgraphs.filter((name) => name !== subgraph) }))
    .filter(({ resolvedBy }) => resolvedBy.length > 0)
    .sort((a, b) => (a.field < b.field ? -1 : 1))
}

function canAnswer(place: SubgraphType, field: string): boolean {
  return place.fields.get(field)?.hasRequires === false
}
