import { describeScopes, hasScopes, type Identity } from '@bulkhead/service/identity/identity'
import {
  type DocumentNode,
  type FieldNode,
  getNamedType,
  isAbstractType,
  isInterfaceType,
  Kind,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql'
import { executionKey } from '../execution/response/client-keys.ts'
import type { Denials } from '../execution/response/denials.ts'
import type { AccessRule } from '../supergraph/access-rules.ts'
import type { Supergraph } from '../supergraph/supergraph.ts'
import { findOperation } from './conditions.ts'
import type { NormalizedOperation } from './normalize-operation.ts'

type Rules = Pick<Supergraph, 'schema' | 'accessRules' | 'interfaceObjects'>

/** Whether the caller meets a rule. */
export type Allows = (rule: AccessRule) => boolean

/** What this caller may see. */
export function accessOf(identity: Identity | null): Allows {
  return ({ scopes }) => identity !== null && (scopes === null || hasScopes(identity, scopes))
}

/** The rules that may apply to an operation, whatever types its objects turn out to have. */
export function rulesOfOperation(document: DocumentNode, supergraph: Rules): readonly AccessRule[] {
  const { schema, accessRules } = supergraph
  const found = new Map<string, AccessRule>()
  if (accessRules.size === 0) return []
  const typeInfo = new TypeInfo(schema)
  visit(
    document,
    visitWithTypeInfo(typeInfo, {
      Field({ name }) {
        const parent = typeInfo.getParentType()
        const possible = isAbstractType(parent) ? schema.getPossibleTypes(parent) : []
        for (const type of [parent, ...possible]) {
          if (!type) continue
          for (const rule of rulesOfField(type.name, name.value, supergraph)) found.set(rule.id, rule)
        }
      },
    }),
  )
  return [...found.values()]
}

/** The rules of a field: its own, those of its object's type, and those of the type that it returns. */
function rulesOfField(typename: string, field: string, rules: Rules): readonly AccessRule[] {
  const type = rules.schema.getType(typename)
  const definition = type && 'getFields' in type ? type.getFields()[field] : undefined
  const returned = definition && 'type' in definition ? getNamedType(definition.type).name : undefined
  return [
    ...rulesOfType(typename, rules),
    ...(rules.accessRules.get(`${typename}.${field}`) ?? []),
    ...(returned === undefined ? [] : rulesOfType(returned, rules)),
  ]
}

/**
 * The rules of a type. An interface that is an object in some subgraph has those of all its types as well: an object that
 * such a subgraph gives may be of any of them, and the gateway may never learn of which.
 */
function rulesOfType(name: string, { schema, accessRules, interfaceObjects }: Rules): readonly AccessRule[] {
  const own = accessRules.get(name) ?? []
  const type = interfaceObjects.has(name) ? schema.getType(name) : undefined
  if (!isInterfaceType(type)) return own
  return [...own, ...schema.getPossibleTypes(type).flatMap((each) => accessRules.get(each.name) ?? [])]
}

/** What is fetched in the place of a denied field, so that its object, or its deferred part, stays. */
const STAND_IN = '__typename'

/**
 * Takes what the caller may not see out of an operation before it is planned. A field that is certainly denied is
 * replaced by a `__typename` under a key of its own. Whether another field is denied can depend on the type of its object,
 * which is known only when the object has arrived: then the denials decide.
 */
export function authorizeOperation(
  normalized: NormalizedOperation,
  supergraph: Rules,
  allows: Allows,
): NormalizedOperation & { readonly denials: Denials } {
  const removed = new Map<string, { field: string; lacking: string }>()
  const keys = new Map<string, string>()
  const clientKeys = new Map(normalized.clientKeys)
  const typeInfo = new TypeInfo(supergraph.schema)

  function lackingFor(typename: string, field: string): string | null {
    const unmet = rulesOfField(typename, field, supergraph).filter((rule) => !allows(rule))
    return unmet.length === 0 ? null : describeRules(unmet)
  }

  function standIn({ alias, name }: FieldNode, parent: string, lacking: string): FieldNode {
    const executed = alias?.value ?? name.value
    const identical = `${executed} ${parent}.${name.value}`
    let key = keys.get(identical)
    if (key === undefined) {
      key = executionKey(clientKeys.size, name.value)
      keys.set(identical, key)
      clientKeys.set(key, clientKeys.get(executed) ?? executed)
      removed.set(key, { field: name.value, lacking })
    }
    return {
      kind: Kind.FIELD,
      alias: { kind: Kind.NAME, value: key },
      name: { kind: Kind.NAME, value: STAND_IN },
    }
  }

  const document: DocumentNode = visit(
    normalized.document,
    visitWithTypeInfo(typeInfo, {
      Field(field) {
        const parent = typeInfo.getParentType()?.name
        const lacking = parent === undefined ? null : lackingFor(parent, field.name.value)
        return parent === undefined || lacking === null ? undefined : standIn(field, parent, lacking)
      },
    }),
  )
  return {
    document,
    // The document of a normalized operation has no other.
    operation: findOperation(document, undefined) ?? normalized.operation,
    clientKeys,
    denials: { removed, lackingFor },
  }
}

function describeRules(rules: readonly AccessRule[]): string {
  const scopes = rules.flatMap(({ scopes: each }) => (each === null ? [] : [describeScopes(each)]))
  return scopes.length === 0 ? 'an identity' : `the scopes ${[...new Set(scopes)].join('; ')}`
}
