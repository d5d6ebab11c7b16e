import { ownFields, type Resolution } from './resolution.ts'

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
 * The non-null fields of a type that this subgraph cannot resolve by itself: without these, none of the objects that it
 * returns is complete. `resolvedBy` names those that can; it is empty where the subgraph computes the field from others
 * (`@requires`).
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
  const others = new Map<string, string[]>()
  for (const place of places) {
    for (const field of place.fields.keys()) {
      const list = others.get(field) ?? []
      others.set(field, list)
      if (place !== here) list.push(place.subgraph)
    }
  }
  return [...others]
    .filter(([field]) => here.fields.get(field)?.hasRequires !== false && !provided.has(field))
    .filter(([field]) => resolution.fieldType(type, field)?.endsWith('!'))
    .map(([field, resolvedBy]) => ({ field, resolvedBy }))
    .sort((a, b) => (a.field < b.field ? -1 : 1))
}
