import { MAX_DEPTH } from '@bulkhead/service/graphql/document-limits'
import {
  type ASTVisitor,
  type FieldNode,
  GraphQLError,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLOutputType,
  getNamedType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type SelectionSetNode,
  type ValidationContext,
  type ValueNode,
} from 'graphql'

/** Upper bound on the fields that are looked at, each as often as that happens. Operations of clients take far fewer. */
const MAX_STEPS = 100_000

type Parent = GraphQLNamedType | undefined
type SetOf = { readonly set: SelectionSetNode; readonly parent: Parent }
type Found = {
  readonly node: FieldNode
  readonly parent: Parent
  /** Undefined for a field that the schema lacks, which another rule refuses. */
  readonly definition: GraphQLField<unknown, unknown> | undefined
}

/**
 * A validation rule: fields of the same response name can be merged (GraphQL spec 5.3.2). It refuses what the rule
 * OverlappingFieldsCanBeMerged of graphql-js refuses. That one compares each two fields and each two fragments, so that
 * a document of 5,000 tokens takes it a quarter of a second; this one compares each field of a group with the first.
 */
export function mergingFieldsRule(context: ValidationContext): ASTVisitor {
  const schema = context.getSchema()
  const calls = new Map<FieldNode, string>()
  /** Fields whose own selections were compared where nothing else has their response name. */
  const comparedAlone = new Set<FieldNode>()
  let steps = 0

  /** All fields of these sets by response name, with fragments expanded. */
  function collect(sets: readonly SetOf[]): Map<string, Found[]> {
    const found = new Map<string, Found[]>()
    const spread = new Set<string>()
    function add(set: SelectionSetNode, parent: Parent): void {
      for (const selection of set.selections) {
        steps += 1
        if (selection.kind === Kind.FIELD) {
          const key = selection.alias?.value ?? selection.name.value
          const field = { node: selection, parent, definition: definitionOf(parent, selection.name.value) }
          const others = found.get(key)
          if (others) others.push(field)
          else found.set(key, [field])
        } else if (selection.kind === Kind.INLINE_FRAGMENT) {
          const condition = selection.typeCondition?.name.value
          add(selection.selectionSet, condition === undefined ? parent : schema.getType(condition))
        } else if (!spread.has(selection.name.value)) {
          spread.add(selection.name.value)
          const fragment = context.getFragment(selection.name.value)
          if (fragment) add(fragment.selectionSet, schema.getType(fragment.typeCondition.name.value))
        }
      }
    }
    for (const { set, parent } of sets) add(set, parent)
    return found
  }

  function definitionOf(parent: Parent, name: string) {
    return isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name] : undefined
  }

  /** Whether a conflict was reported, or no more steps are left. */
  function isOver(depth: number): boolean {
    // Deeper is only a fragment that leads back to itself, which another rule refuses.
    return depth > MAX_DEPTH || steps > MAX_STEPS || hasReported
  }

  let hasReported = false
  function report(reason: string, fields: readonly Found[]): void {
    hasReported = true
    const [{ node } = { node: undefined }] = fields
    const name = node?.alias?.value ?? node?.name.value
    const message = `Fields "${name}" conflict because ${reason}. Use different aliases to fetch both.`
    context.reportError(new GraphQLError(message, { nodes: fields.map((field) => field.node) }))
  }

  /** Whatever object there is, values of one response name must have one shape. */
  function compareShapes(sets: readonly SetOf[], depth: number): void {
    if (isOver(depth)) return
    for (const fields of collect(sets).values()) {
      const known = fields.filter(({ definition }) => definition !== undefined)
      const [first] = known
      if (!first?.definition) continue
      for (const other of known) {
        if (other.definition && !haveSameShape(first.definition.type, other.definition.type)) {
          report('they return conflicting types', [first, other])
          return
        }
      }
      compareShapes(setsOf(known), depth + 1)
    }
  }

  /** On one and the same object, fields of one response name must be one field with the same arguments. */
  function compareCalls(sets: readonly SetOf[], depth: number): void {
    if (isOver(depth)) return
    for (const fields of collect(sets).values()) {
      for (const together of onSameObject(fields)) {
        const [first] = together
        if (!first) continue
        if (together.length === 1 && comparedAlone.has(first.node)) continue
        if (together.length === 1) comparedAlone.add(first.node)
        for (const other of together) {
          if (first.node.name.value !== other.node.name.value) {
            report(`"${first.node.name.value}" and "${other.node.name.value}" are different fields`, [
              first,
              other,
            ])
            return
          }
          if (callOf(first.node) !== callOf(other.node)) {
            report('they have differing arguments', [first, other])
            return
          }
        }
        compareCalls(setsOf(together), depth + 1)
      }
    }
  }

  function callOf(node: FieldNode): string {
    let call = calls.get(node)
    if (call === undefined) {
      const given = (node.arguments ?? []).map(({ name, value }) => `${name.value}:${textOf(value)}`)
      call = given.sort().join()
      calls.set(node, call)
    }
    return call
  }

  return {
    OperationDefinition({ operation, selectionSet }) {
      const sets = [{ set: selectionSet, parent: schema.getRootType(operation) ?? undefined }]
      compareCalls(sets, 1)
      compareShapes(sets, 1)
      if (steps > MAX_STEPS && !hasReported) {
        report('they overlap in more ways than can be compared', [])
      }
      return false
    },
  }
}

/** The groups of fields that can be of one object: of each object type, with those of interfaces and unions. */
function onSameObject(fields: readonly Found[]): readonly (readonly Found[])[] {
  if (fields.length === 1) return [fields]
  const ofObjects = Map.groupBy(
    fields.filter(({ parent }) => isObjectType(parent)),
    ({ parent }) => parent,
  )
  if (ofObjects.size <= 1) return [fields]
  const ofAny = fields.filter(({ parent }) => !isObjectType(parent))
  return [...ofObjects.values()].map((ofOne) => [...ofOne, ...ofAny])
}

function setsOf(fields: readonly Found[]): readonly SetOf[] {
  return fields.flatMap(({ node, definition }) =>
    node.selectionSet
      ? [{ set: node.selectionSet, parent: getNamedType(definition?.type) ?? undefined }]
      : [],
  )
}

function haveSameShape(one: GraphQLOutputType, two: GraphQLOutputType): boolean {
  if (isNonNullType(one) || isNonNullType(two)) {
    return isNonNullType(one) && isNonNullType(two) && haveSameShape(one.ofType, two.ofType)
  }
  if (isListType(one) || isListType(two)) {
    return isListType(one) && isListType(two) && haveSameShape(one.ofType, two.ofType)
  }
  return isLeafType(one) || isLeafType(two) ? one === two : true
}

/** A text that two values have in common if they mean the same: the order of an object's fields means nothing. */
function textOf(value: ValueNode): string {
  switch (value.kind) {
    case Kind.VARIABLE:
      return `$${value.name.value}`
    case Kind.LIST:
      return `[${value.values.map(textOf).join()}]`
    case Kind.OBJECT:
      return `{${value.fields
        .map((field) => `${field.name.value}:${textOf(field.value)}`)
        .sort()
        .join()}}`
    case Kind.STRING:
      return JSON.stringify(value.value)
    case Kind.NULL:
      return 'null'
    default:
      return String(value.value)
  }
}
