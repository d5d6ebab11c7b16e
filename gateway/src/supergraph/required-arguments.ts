import {
  type DirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type FieldNode,
  type InterfaceTypeDefinitionNode,
  Kind,
  type ObjectTypeDefinitionNode,
  type OperationDefinitionNode,
  parse,
  print,
  visit,
} from 'graphql'
import { JOIN_FIELD, stringArgument } from './join-directives.ts'

/** Fields that `@requires` asks for with different arguments in different places. */
export type RequiredFields = {
  /** What to ask a subgraph for in place of the field that the planner knows by this name. */
  readonly fields: ReadonlyMap<string, FieldNode>
  /** The names that `Type.field` needs. */
  readonly neededBy: ReadonlyMap<string, ReadonlySet<string>>
}

/** A name for each of a field's sets of arguments, which are given as text, by the field's name. */
type Names = ReadonlyMap<string, ReadonlyMap<string, string>>

const PREFIX = '_required_'

/**
 * A supergraph's document in which a field that is required with different arguments has a name for each of them. The
 * planner takes fields of one name for one field, and would give what it has for one of the arguments to all.
 */
export function withNamedRequirements(document: DocumentNode): {
  readonly document: DocumentNode
  readonly required: RequiredFields
} {
  const fields = new Map<string, FieldNode>()
  const neededBy = new Map<string, ReadonlySet<string>>()
  const names = nameFields(document, fields)
  if (fields.size === 0) return { document, required: { fields, neededBy } }
  const renamed = visit(document, { Directive: (directive) => renameRequired(directive, names) })
  const isUsed = usesOf(renamed)

  function addNames(type: ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode) {
    const all = (type.fields ?? []).flatMap((field): FieldDefinitionNode[] => {
      const needed = requiredNames(field)
      if (needed.size > 0) neededBy.set(`${type.name.value}.${field.name.value}`, needed)
      const ownNames = names.get(field.name.value)
      if (!ownNames) return [field]
      const added = [...ownNames.values()].map((name) => ({
        ...field,
        name: { ...field.name, value: name },
        arguments: [],
      }))
      return [field, ...added].map((each) => ({
        ...each,
        directives: (each.directives ?? []).filter((directive) => isUsed(each.name.value, directive)),
      }))
    })
    return { ...type, fields: all }
  }

  return {
    document: visit(renamed, { ObjectTypeDefinition: addNames, InterfaceTypeDefinition: addNames }),
    required: { fields, neededBy },
  }
}

/** Only those with more than one set of arguments get names, which are added to `fields`. */
function nameFields(document: DocumentNode, fields: Map<string, FieldNode>): Names {
  const required = new Map<string, Map<string, FieldNode>>()
  visit(document, {
    Directive(directive) {
      const selection = requiredBy(directive)
      if (!selection) return
      visit(selection, {
        Field(field) {
          const variants = required.get(field.name.value) ?? new Map<string, FieldNode>()
          required.set(field.name.value, variants.set(textOfArguments(field), field))
        },
      })
    },
  })
  const names = new Map<string, ReadonlyMap<string, string>>()
  for (const [fieldName, variants] of required) {
    if (variants.size < 2) continue
    const named = [...variants].map(([text, { selectionSet, ...field }]) => {
      const name = `${PREFIX}${fields.size}_${fieldName}`
      fields.set(name, field)
      return [text, name] as const
    })
    names.set(fieldName, new Map(named))
  }
  return names
}

function renameRequired(directive: DirectiveNode, names: Names): DirectiveNode | undefined {
  const selection = requiredBy(directive)
  if (!selection) return undefined
  const renamed = visit(selection, {
    Field(field) {
      const name = names.get(field.name.value)?.get(textOfArguments(field))
      return name === undefined
        ? undefined
        : { ...field, name: { ...field.name, value: name }, arguments: [] }
    },
  })
  const value = { kind: Kind.STRING, value: print(renamed.selectionSet).slice(1, -1) } as const
  return {
    ...directive,
    arguments: (directive.arguments ?? []).map((argument) =>
      argument.name.value === 'requires' ? { ...argument, value } : argument,
    ),
  }
}

function requiredNames(field: FieldDefinitionNode): ReadonlySet<string> {
  const requires = (field.directives ?? []).map((directive) => stringArgument(directive, 'requires') ?? '')
  return new Set(requires.flatMap((text) => text.match(new RegExp(`${PREFIX}\\w+`, 'g')) ?? []))
}

/** A subgraph in which a field is external must have a use for it: in one of its field sets, or for an interface. */
function usesOf(document: DocumentNode): (fieldName: string, directive: DirectiveNode) => boolean {
  const words = new Set<string>()
  const ofInterfaces = new Set<string>()
  visit(document, {
    Directive(directive) {
      const graph = graphOf(directive)
      for (const argument of ['key', 'requires', 'provides']) {
        for (const word of stringArgument(directive, argument)?.match(/\w+/g) ?? [])
          words.add(`${graph} ${word}`)
      }
    },
    InterfaceTypeDefinition({ fields = [] }) {
      for (const { name } of fields) ofInterfaces.add(name.value)
    },
  })
  return (fieldName, directive) => {
    const external = directive.arguments?.find(({ name }) => name.value === 'external')?.value
    if (external?.kind !== Kind.BOOLEAN || !external.value) return true
    const realName = fieldName.replace(new RegExp(`^${PREFIX}\\d+_`), '')
    return ofInterfaces.has(realName) || words.has(`${graphOf(directive)} ${fieldName}`)
  }
}

function graphOf(directive: DirectiveNode): string | undefined {
  return stringArgument(directive, 'graph')
}

function requiredBy(directive: DirectiveNode): OperationDefinitionNode | undefined {
  const requires = directive.name.value === JOIN_FIELD ? stringArgument(directive, 'requires') : undefined
  if (requires === undefined) return undefined
  const [definition] = parse(`{${requires}}`, { noLocation: true }).definitions
  return definition?.kind === Kind.OPERATION_DEFINITION ? definition : undefined
}

function textOfArguments(field: FieldNode): string {
  return (field.arguments ?? []).map(print).sort().join()
}
