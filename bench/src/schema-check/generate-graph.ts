/** A federated graph with operations, as texts. */
export type GeneratedGraph = {
  /** SDL by the subgraph's name. */
  readonly subgraphs: ReadonlyMap<string, string>
  readonly operations: readonly string[]
}

export type GraphSize = {
  readonly subgraphs: number
  /** Object, input and enum types of all subgraphs together. */
  readonly types: number
  readonly operations: number
}

const LINK = `extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@tag"])
`
/** Of ten types of a subgraph: an entity with root fields, an entity, six object types below them, an input, an enum. */
const GROUP = 10

/**
 * A graph in the proportions of large ones: of ten types two are entities, of which one gets fields from the next
 * subgraph; object types of a group refer to each other, to its enum, and to an entity of another subgraph. Every
 * operation reads root fields of one subgraph, two levels of objects, and where it can an entity's field from another.
 *
 * @param isChanged plants changes in every fifth subgraph: a field that is new, one that is gone, an argument and an enum
 *   value that are new, one field that may be null now
 */
export function generateGraph(size: GraphSize, isChanged: boolean): GeneratedGraph {
  const groups = Math.round(size.types / size.subgraphs / GROUP)
  const subgraphs = new Map(
    Array.from({ length: size.subgraphs }, (_, index): [string, string] => [
      `subgraph${index}`,
      subgraphSdl({ index, count: size.subgraphs, groups, isChanged: isChanged && index % 5 === 0 }),
    ]),
  )
  const operations = Array.from({ length: size.operations }, (_, index) =>
    operation(index, index % size.subgraphs, Math.floor(index / size.subgraphs) % groups, size.subgraphs),
  )
  return { subgraphs, operations }
}

type SubgraphShape = {
  readonly index: number
  readonly count: number
  readonly groups: number
  readonly isChanged: boolean
}

function subgraphSdl({ index, count, groups, isChanged }: SubgraphShape): string {
  const names = Array.from({ length: groups }, (_, group) => `S${index}G${group}`)
  const next = (index + 1) % count
  return [
    LINK,
    `type Query {\n${names.map((name) => rootFields(name, isChanged)).join('\n')}\n}`,
    ...names.map((name, group) => groupSdl(name, `S${next}G${group}`, isChanged)),
  ].join('\n')
}

function rootFields(name: string, isChanged: boolean): string {
  const added = isChanged ? ', sort: String' : ''
  return [
    `  """One of them; null where there is none."""\n  one${name}(id: ID!): ${name}Root @tag(name: "public")`,
    `  """In the order of their names."""\n  all${name}(first: Int = 20, where: ${name}Filter${added}): [${name}Root!]`,
  ].join('\n')
}

function groupSdl(name: string, foreign: string, isChanged: boolean): string {
  const parts = Array.from({ length: 6 }, (_, part) => partSdl(name, part, foreign))
  const kinds = isChanged ? 'FIRST SECOND THIRD FOURTH' : 'FIRST SECOND THIRD'
  return [
    `"""An entity that root fields give."""\ntype ${name}Root @key(fields: "id") {\n  id: ID!\n  name: String${isChanged ? '' : '!'}\n  ${isChanged ? 'added: Int' : 'removed: Int'}\n  kind: ${name}Kind\n  part: ${name}Part0\n  leaf: ${name}Leaf\n}`,
    `"""An entity that others refer to."""\ntype ${name}Leaf @key(fields: "id") {\n  id: ID!\n  title: String @tag(name: "public")\n}`,
    ...parts,
    `"""What to look for."""\ninput ${name}Filter {\n  name: String\n  kind: ${name}Kind = FIRST\n  least: Int\n}`,
    `"""What kind it is."""\nenum ${name}Kind {\n  ${kinds.split(' ').join('\n  ')}\n}`,
    // The next subgraph's entity, with a field from here.
    `type ${foreign}Leaf @key(fields: "id") {\n  id: ID!\n  from${name}: String\n}`,
  ].join('\n\n')
}

function partSdl(name: string, part: number, foreign: string): string {
  const below = part < 5 ? `\n  below(depth: Int = 1): ${name}Part${part + 1}` : ''
  return `"""A value of a root."""\ntype ${name}Part${part} {\n  size: Int!\n  label(language: String): String\n  kind: ${name}Kind!\n  other: ${foreign}Leaf${below}\n}`
}

function operation(index: number, subgraph: number, group: number, count: number): string {
  const name = `S${subgraph}G${group}`
  const foreign = `S${(subgraph + 1) % count}G${group}`
  const field = index % 2 === 0 ? `one${name}(id: $id)` : `all${name}(first: 5, where: { kind: SECOND })`
  const variables = index % 2 === 0 ? '($id: ID!)' : ''
  const far = index % 3 === 0 ? ` other { id title from${name} }` : ''
  const removed = index % 7 === 0 ? ' removed' : ''
  const far2 = foreign === name ? '' : far
  return `query Operation${index}${variables} {\n  ${field} { id name${removed} kind part { size label${far2} below { size kind } } leaf { id title } }\n}\n`
}
