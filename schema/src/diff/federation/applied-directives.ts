import type { DirectiveDefinition, NamedType, Schema } from '@apollo/federation-internals'

/** A use of a directive, by the name that its specification gives it. */
export type AppliedDirective = {
  readonly name: string
  readonly values: Readonly<Record<string, unknown>>
}

/** The part of an element of federation's own schema that matters here. */
type Annotated = {
  readonly appliedDirectives: readonly {
    readonly name: string
    arguments(includeDefaultValues?: boolean): Readonly<Record<string, unknown>>
  }[]
}

const APOLLO_SPECIFICATIONS = 'https://specs.apollo.dev/'

/** Reads the directives of an element, whatever names the schema imports them by. */
export function directiveReader(schema: Schema): (element: Annotated) => readonly AppliedDirective[] {
  const names = new Map(
    schema.allDirectives().map((definition) => [definition.name, specifiedName(schema, definition)]),
  )
  return ({ appliedDirectives }) =>
    appliedDirectives.map((directive) => ({
      name: names.get(directive.name) ?? directive.name,
      values: directive.arguments(true),
    }))
}

/** `join__type`, but `tag`: features whose directives have names of their own need no prefix. */
function specifiedName(schema: Schema, definition: DirectiveDefinition): string {
  const source = schema.coreFeatures?.sourceFeature(definition)
  if (source === undefined || !source.feature.url.identity.startsWith(APOLLO_SPECIFICATIONS))
    return definition.name
  const name = source.nameInFeature ?? definition.name
  return source.feature.url.name === 'join' ? `join__${name}` : name
}

/** Whether it is defined by one of Apollo's specifications, such as `join__Graph`, and not by a subgraph. */
export function isOfSpecification(schema: Schema, element: DirectiveDefinition | NamedType): boolean {
  const source = schema.coreFeatures?.sourceFeature(element)
  return source?.feature.url.identity.startsWith(APOLLO_SPECIFICATIONS) ?? false
}

/** Whether it comes by a `@link`, of Apollo's or of somebody else's. */
export function isOfFeature(schema: Schema, element: DirectiveDefinition): boolean {
  return schema.coreFeatures?.sourceFeature(element) !== undefined
}
