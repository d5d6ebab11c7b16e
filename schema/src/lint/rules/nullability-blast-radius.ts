import { z } from 'zod'
import type { TypeView } from '../graph-index.ts'
import { foreignNonNullFields, homeOf } from '../home.ts'
import { defineRule, type LintContext, type Violation } from '../rule.ts'

/** Entities and the subgraphs that they belong to, given or found out. */
type Homes = (type: string) => string | null

export const nullabilityBlastRadius = defineRule({
  name: 'nullability-blast-radius',
  recommended: 'warning',
  summary:
    'What needs another subgraph than the object it stands in is nullable: fields of Query and Mutation, fields that a subgraph adds to an entity of another, and references to entities of another.',
  reason:
    'GraphQL replaces the parent of a non-null field that failed by null, so the outage of one subgraph takes away what the others had answered.',
  advice: 'Make the field nullable, list elements included, so that an outage costs this field only.',
  options: {
    homes: z
      .record(z.string(), z.string())
      .default({})
      .describe(
        'Subgraphs that entities belong to, by type. Left out, it is the one that resolves most of the fields.',
      ),
  },
  *find(context, options) {
    const given = new Map(Object.entries(options.homes))
    const found = new Map<string, string | null>()
    const homes: Homes = (type) => {
      const known = given.get(type) ?? found.get(type)
      if (known !== undefined) return known
      const home = homeOf(context.resolution, type)
      found.set(type, home)
      return home
    }
    for (const view of context.types) {
      if (view.root === 'query' || view.root === 'mutation') yield* rootFields(context, view)
      else yield* addedFields(context, view, homes)
      yield* references(context, view, homes)
    }
  },
})

/** Fields of Query and Mutation: where one is non-null, its outage makes the whole answer null. */
function* rootFields({ resolution }: LintContext, view: TypeView): Iterable<Violation> {
  const places = resolution.of(view.name).filter(({ fields }) => fields.size > 0)
  if (places.length < 2) return
  for (const { name, coordinate, declarations } of view.fields) {
    if (!resolution.fieldType(view.name, name)?.endsWith('!')) continue
    yield {
      coordinate,
      message: `\`${coordinate}\` is non-null, so an outage of ${declarations.map(({ subgraph }) => subgraph).join(' and ')} also takes away what other subgraphs answer beside it.`,
      declarations,
    }
  }
}

/** Fields that the home of the entity that they stand in cannot resolve by itself. */
function* addedFields({ resolution }: LintContext, view: TypeView, homes: Homes): Iterable<Violation> {
  const home = homes(view.name)
  if (home === null) return
  for (const { field, resolvedBy } of foreignNonNullFields(resolution, view.name, home)) {
    const element = view.fields.find(({ name }) => name === field)
    if (element === undefined) continue
    const { coordinate } = element
    const outage =
      resolvedBy.length > 0
        ? `is non-null, so an outage of ${resolvedBy.join(' and ')}`
        : 'is non-null and requires fields of another subgraph, whose outage'
    yield {
      coordinate,
      message: `\`${coordinate}\` ${outage} takes away each \`${view.name}\` of ${home}.`,
      declarations: element.declarations.filter(
        ({ subgraph }) => (subgraph === home) === (resolvedBy.length === 0),
      ),
    }
  }
}

/** Fields, list elements included, that return entities of another subgraph which are not complete without it. */
function* references({ resolution }: LintContext, view: TypeView, homes: Homes): Iterable<Violation> {
  for (const { name, coordinate, declarations } of view.fields) {
    const type = resolution.fieldType(view.name, name)
    if (!type?.includes('!')) continue
    const places = resolution.of(view.name).filter(({ fields }) => fields.has(name))
    const needs = places.map(({ subgraph, fields }) => {
      const field = fields.get(name)
      return field === undefined
        ? []
        : resolution.possibleTypes(field.type).flatMap((entity) => {
            const home = homes(entity)
            if (home === null || home === subgraph) return []
            const foreign = foreignNonNullFields(resolution, entity, subgraph, field.provides)
            return foreign.length > 0 ? [{ entity, home, field: foreign[0]?.field }] : []
          })
    })
    // One subgraph that can answer completely is enough.
    const [first] = needs.every((list) => list.length > 0) ? needs.flat() : []
    if (first === undefined) continue
    yield {
      coordinate,
      message: `\`${coordinate}\` is \`${type}\` and returns \`${first.entity}\` of ${first.home}, whose outage takes away \`${first.entity}.${first.field}\` and with it what the field stands in.`,
      declarations,
    }
  }
}
