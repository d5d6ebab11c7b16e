/** Tells whether a coordinate, of an element that these subgraphs write down, is meant. */
export type CoordinatePattern = (coordinate: string, subgraph: string | null) => boolean

/**
 * Reads a pattern of coordinates: `Item` is a type with all that is in it, `Item.title` a field with its arguments,
 * `@tag` a directive, and `*` stands for any text. `catalog:` in front limits it to what the subgraph catalog writes down,
 * and alone means everything there.
 */
export function coordinatePattern(pattern: string): CoordinatePattern {
  const scoped = /^([A-Za-z_][\w-]*):(.*)$/.exec(pattern)
  const subgraphOfPattern = scoped?.[1] ?? null
  const text = scoped?.[2] ?? pattern
  const matcher = text === '' ? null : textPattern(text)
  return (coordinate, subgraph) =>
    (subgraphOfPattern === null || subgraphOfPattern === subgraph) &&
    (matcher === null || matcher.test(coordinate))
}

function textPattern(text: string): RegExp {
  const source = text
    .split('*')
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*')
  return new RegExp(`^${source}(?:[.(].*)?$`)
}
