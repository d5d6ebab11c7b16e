import { getNamedType, isInputObjectType } from 'graphql'
import type { FieldView } from '../graph-index.ts'
import { foreignNonNullFields } from '../home.ts'
import { publicFieldsOf } from '../public-fields.ts'
import type { Resolution } from '../resolution.ts'
import { defineRule, type LintContext, type Violation } from '../rule.ts'

export const mutationSpansSubgraphs = defineRule({
  name: 'mutation-spans-subgraphs',
  recommended: 'warning',
  summary: 'A mutation, its arguments and what it returns non-null are of one subgraph.',
  reason:
    'A mutation has its effect even where the answer fails, so an outage elsewhere makes clients repeat what has been done.',
  advice:
    'Return what the own subgraph knows, make the rest nullable, and give the mutation input types of its own.',
  options: {},
  *find(context) {
    for (const type of context.types.filter(({ root }) => root === 'mutation')) {
      for (const { view, api } of publicFieldsOf(type)) {
        const subgraphs = context.resolution
          .of(type.name)
          .filter(({ fields }) => fields.has(view.name))
          .map(({ subgraph }) => subgraph)
        const [subgraph] = subgraphs
        if (subgraph === undefined) continue
        yield* sharedMutation(view, subgraphs)
        yield* sharedInputs(
          context,
          view,
          subgraph,
          api.args.map(({ name, type }) => [name, getNamedType(type).name]),
        )
        yield* incompletePayload(context.resolution, view, subgraph, getNamedType(api.type).name)
      }
    }
  },
})

function* sharedMutation(view: FieldView, subgraphs: readonly string[]): Iterable<Violation> {
  if (subgraphs.length < 2) return
  yield {
    coordinate: view.coordinate,
    message: `The mutation \`${view.coordinate}\` is resolved by ${subgraphs.join(' and ')}, and either may have the effect.`,
    declarations: view.declarations,
  }
}

function* sharedInputs(
  { typeOf }: LintContext,
  view: FieldView,
  subgraph: string,
  givenArguments: readonly (readonly [argument: string, type: string])[],
): Iterable<Violation> {
  for (const [argument, type] of givenArguments) {
    const coordinate = `${view.coordinate}(${argument}:)`
    for (const name of inputsWithin(typeOf, type)) {
      const others = (typeOf(name)?.declarations ?? []).filter((place) => place.subgraph !== subgraph)
      if (others.length === 0) continue
      const owners = [...new Set(others.map((place) => place.subgraph))].join(' and ')
      yield {
        coordinate,
        message: `\`${coordinate}\` takes the input \`${name}\`, from which ${owners} can remove fields, because composition keeps what all subgraphs have.`,
        declarations: view.declarations,
      }
    }
  }
}

/** An input type and those that it contains, sorted; none for a scalar or an enum. */
function inputsWithin(typeOf: LintContext['typeOf'], type: string): readonly string[] {
  const seen = new Set<string>()
  const pending = [type]
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    const api = typeOf(name)?.api
    if (seen.has(name) || !isInputObjectType(api)) continue
    seen.add(name)
    pending.push(...Object.values(api.getFields()).map((field) => getNamedType(field.type).name))
  }
  return [...seen].sort()
}

/** Follows non-null fields from what the mutation returns: the first one that another subgraph has to answer. */
function* incompletePayload(
  resolution: Resolution,
  view: FieldView,
  subgraph: string,
  payload: string,
): Iterable<Violation> {
  const seen = new Set<string>()
  const pending = [...resolution.possibleTypes(payload)]
  for (let name = pending.shift(); name !== undefined; name = pending.shift()) {
    if (seen.has(name)) continue
    seen.add(name)
    const [foreign] = foreignNonNullFields(resolution, name, subgraph)
    if (foreign !== undefined) {
      yield {
        coordinate: view.coordinate,
        message: `The answer of \`${view.coordinate}\` is not complete without \`${name}.${foreign.field}\`, which ${foreign.resolvedBy.length > 0 ? `only ${foreign.resolvedBy.join(' or ')} resolves` : 'requires fields of another subgraph'}.`,
        declarations: view.declarations,
      }
      return
    }
    const here = resolution.of(name).find((place) => place.subgraph === subgraph)
    for (const [field, { type }] of [...(here?.fields ?? [])].sort(([a], [b]) => (a < b ? -1 : 1))) {
      if (resolution.fieldType(name, field)?.endsWith('!')) pending.push(...resolution.possibleTypes(type))
    }
  }
}
