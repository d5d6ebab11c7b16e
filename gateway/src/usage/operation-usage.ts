import { createHash } from 'node:crypto'
import { usageReportingSignature } from '@apollo/utils.usagereporting'
import {
  type DocumentNode,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  type OperationDefinitionNode,
  type OperationTypeNode,
  separateOperations,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql'
import { noCoordinates, type UsedCoordinates } from './used-coordinates.ts'
import { compileVariableUsage, type VariableUsage } from './variable-usage.ts'

/** What does not change from request to request. */
export type OperationUsage = {
  /** SHA-256 of the normalized document, hexadecimal. */
  readonly signature: string
  /**
   * The document without what clients may write in different ways: aliases are dropped, everything is sorted, numbers,
   * texts, lists and objects stand empty. So nothing that a user has typed is in it.
   */
  readonly document: string
  readonly operationName: string | null
  readonly kind: `${OperationTypeNode}`
  readonly used: UsedCoordinates
  /** Adds what the values of variables use. Null where no variable has a type with enum values or input fields. */
  readonly ofVariables: VariableUsage | null
}

/** @param document valid for the schema */
export function operationUsage(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  schema: GraphQLSchema,
): OperationUsage {
  const name = operation.name?.value
  const own = separateOperations(document)[name ?? ''] ?? document
  const normalized = usageReportingSignature(own, name ?? '')
  return {
    signature: createHash('sha256').update(normalized).digest('hex'),
    document: normalized,
    operationName: name ?? null,
    kind: operation.operation,
    used: usedBy(own, schema),
    ofVariables: compileVariableUsage(operation, schema),
  }
}

function usedBy(document: DocumentNode, schema: GraphQLSchema): UsedCoordinates {
  const used = noCoordinates()
  const types = new TypeInfo(schema)
  visit(
    document,
    visitWithTypeInfo(types, {
      Field(node) {
        const type = types.getParentType()
        // Introspection is in every schema.
        if (!type || node.name.value.startsWith('__') || type.name.startsWith('__')) return
        const field = `${type.name}.${node.name.value}`
        used.fields.add(field)
        for (const argument of node.arguments ?? []) used.arguments.add(`${field}(${argument.name.value}:)`)
      },
      ObjectField(node) {
        const type = getNamedType(types.getParentInputType())
        if (isInputObjectType(type)) used.inputFields.add(`${type.name}.${node.name.value}`)
      },
      EnumValue(node) {
        const type = getNamedType(types.getInputType())
        if (isEnumType(type)) used.enumValues.add(`${type.name}.${node.value}`)
      },
    }),
  )
  return used
}
