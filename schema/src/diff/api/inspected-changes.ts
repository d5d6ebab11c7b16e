import {
  type GraphQLSchema,
  isInterfaceType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
} from 'graphql'
import { change } from '../change.ts'
import { findArgument, findInputField } from '../schema-lookup.ts'
import { argumentCoordinate, fieldCoordinate, omittedKey, returnedKey, variableKey } from '../use.ts'
import { DIRECTIVE_TRANSLATIONS } from './inspected-directive-changes.ts'
import { defaultInWords, gradeOfDefault, type Translations } from './translations.ts'

/**
 * Each change that graphql-inspector finds and that matters, graded. Inspector's own grades are not used: it calls a
 * new interface safe, a directive that can no longer be repeated merely dangerous, and the end of a default likewise.
 *
 * What is missing here is left out on purpose: descriptions mean nothing to operations; deprecations are compared for
 * every kind of element in `compare-api.ts`; uses of directives come from the supergraph, since the schema for clients
 * has none; and a root type is only ever added or removed, which is a change of that type.
 *
 * null: it is a part of another change that says it already, such as a field of a new type.
 */
export const TRANSLATIONS: Translations = {
  ...DIRECTIVE_TRANSLATIONS,

  TYPE_ADDED: ({ addedTypeName: type }) => change('TYPE_ADDED', 'SAFE', type, `Type ${type} is new.`),
  TYPE_REMOVED: ({ removedTypeName: type }) =>
    change('TYPE_REMOVED', 'BREAKING', type, `Type ${type} is gone.`, { uses: [[type]] }),
  TYPE_KIND_CHANGED: ({ typeName: type, oldTypeKind, newTypeKind }) =>
    change(
      'TYPE_KIND_CHANGED',
      'BREAKING',
      type,
      `Type ${type} was ${kindInWords(oldTypeKind)} and is ${kindInWords(newTypeKind)}.`,
      { uses: [[type]] },
    ),

  FIELD_ADDED({ typeName: type, addedFieldName, addedFieldReturnType }, { base }) {
    if (!base.getType(type)) return null
    const field = fieldCoordinate(type, addedFieldName)
    return change('FIELD_ADDED', 'SAFE', field, `Field ${field} is new, of type ${addedFieldReturnType}.`)
  },
  FIELD_REMOVED({ typeName: type, removedFieldName, isRemovedFieldDeprecated }) {
    const field = fieldCoordinate(type, removedFieldName)
    const deprecated = isRemovedFieldDeprecated ? 'Deprecated field' : 'Field'
    return change('FIELD_REMOVED', 'BREAKING', field, `${deprecated} ${field} is gone.`, { uses: [[field]] })
  },
  FIELD_TYPE_CHANGED({ typeName, fieldName, oldFieldType, newFieldType, isSafeFieldTypeChange }) {
    const field = fieldCoordinate(typeName, fieldName)
    return change(
      'FIELD_TYPE_CHANGED',
      isSafeFieldTypeChange ? 'SAFE' : 'BREAKING',
      field,
      `Field ${field} was of type ${oldFieldType} and is of type ${newFieldType}.`,
      { uses: [[field]] },
    )
  },

  FIELD_ARGUMENT_ADDED({ typeName, fieldName, addedArgumentName, addedToNewField }, { base, head }) {
    if (addedToNewField || !base.getType(typeName)) return null
    const argument = findArgument(head, typeName, fieldName, addedArgumentName)
    if (argument === undefined) return null
    const required = isRequiredArgument(argument)
    const coordinate = argumentCoordinate(typeName, fieldName, addedArgumentName)
    return change(
      'FIELD_ARGUMENT_ADDED',
      required ? 'BREAKING' : 'DANGEROUS',
      coordinate,
      `${required ? 'Required' : 'Optional'} argument ${coordinate} is new, of type ${argument.type}.`,
      { uses: [[fieldCoordinate(typeName, fieldName)]] },
    )
  },
  FIELD_ARGUMENT_REMOVED({ typeName, fieldName, removedFieldArgumentName }) {
    const argument = argumentCoordinate(typeName, fieldName, removedFieldArgumentName)
    return change('FIELD_ARGUMENT_REMOVED', 'BREAKING', argument, `Argument ${argument} is gone.`, {
      uses: [[argument]],
    })
  },
  FIELD_ARGUMENT_TYPE_CHANGED(meta) {
    const { typeName, fieldName, argumentName } = meta
    const argument = argumentCoordinate(typeName, fieldName, argumentName)
    return change(
      'FIELD_ARGUMENT_TYPE_CHANGED',
      meta.isSafeArgumentTypeChange ? 'SAFE' : 'BREAKING',
      argument,
      `Argument ${argument} was of type ${meta.oldArgumentType} and is of type ${meta.newArgumentType}.`,
      { uses: [[argument], [omittedKey(argument)]] },
    )
  },
  FIELD_ARGUMENT_DEFAULT_CHANGED(meta, { base, head }) {
    const { typeName, fieldName, argumentName, oldDefaultValue, newDefaultValue } = meta
    const before = findArgument(base, typeName, fieldName, argumentName)
    const after = findArgument(head, typeName, fieldName, argumentName)
    if (before === undefined || after === undefined) return null
    const argument = argumentCoordinate(typeName, fieldName, argumentName)
    return change(
      'FIELD_ARGUMENT_DEFAULT_CHANGED',
      gradeOfDefault(isRequiredArgument(before), isRequiredArgument(after)),
      argument,
      `Argument ${argument} ${defaultInWords(oldDefaultValue, newDefaultValue)}.`,
      { uses: [[omittedKey(argument)]] },
    )
  },

  INPUT_FIELD_ADDED({ inputName, addedInputFieldName, addedToNewType }, { head }) {
    const field = findInputField(head, inputName, addedInputFieldName)
    if (addedToNewType || field === undefined) return null
    const required = isRequiredInputField(field)
    const coordinate = fieldCoordinate(inputName, addedInputFieldName)
    return change(
      'INPUT_FIELD_ADDED',
      required ? 'BREAKING' : 'DANGEROUS',
      coordinate,
      `${required ? 'Required' : 'Optional'} input field ${coordinate} is new, of type ${field.type}.`,
      { uses: [[inputName]] },
    )
  },
  INPUT_FIELD_REMOVED({ inputName, removedFieldName }) {
    const field = fieldCoordinate(inputName, removedFieldName)
    return change('INPUT_FIELD_REMOVED', 'BREAKING', field, `Input field ${field} is gone.`, {
      uses: [[field], [variableKey(inputName)]],
    })
  },
  INPUT_FIELD_TYPE_CHANGED(meta) {
    const field = fieldCoordinate(meta.inputName, meta.inputFieldName)
    return change(
      'INPUT_FIELD_TYPE_CHANGED',
      meta.isInputFieldTypeChangeSafe ? 'SAFE' : 'BREAKING',
      field,
      `Input field ${field} was of type ${meta.oldInputFieldType} and is of type ${meta.newInputFieldType}.`,
      { uses: [[meta.inputName]] },
    )
  },
  INPUT_FIELD_DEFAULT_VALUE_CHANGED(meta, { base, head }) {
    const { inputName, inputFieldName, oldDefaultValue, newDefaultValue } = meta
    const before = findInputField(base, inputName, inputFieldName)
    const after = findInputField(head, inputName, inputFieldName)
    if (before === undefined || after === undefined) return null
    const field = fieldCoordinate(inputName, inputFieldName)
    return change(
      'INPUT_FIELD_DEFAULT_VALUE_CHANGED',
      gradeOfDefault(isRequiredInputField(before), isRequiredInputField(after)),
      field,
      `Input field ${field} ${defaultInWords(oldDefaultValue, newDefaultValue)}.`,
      { uses: [[inputName]] },
    )
  },

  ENUM_VALUE_ADDED({ enumName, addedEnumValueName, addedToNewType }, { returnedEnums }) {
    if (addedToNewType) return null
    const value = fieldCoordinate(enumName, addedEnumValueName)
    return change(
      'ENUM_VALUE_ADDED',
      returnedEnums.has(enumName) ? 'DANGEROUS' : 'SAFE',
      value,
      `Enum value ${value} is new.`,
      { uses: [[returnedKey(enumName)]] },
    )
  },
  ENUM_VALUE_REMOVED({ enumName, removedEnumValueName }) {
    const value = fieldCoordinate(enumName, removedEnumValueName)
    return change('ENUM_VALUE_REMOVED', 'BREAKING', value, `Enum value ${value} is gone.`, {
      // Those that only get values of the enum may know this one by name as well.
      uses: [[value], [variableKey(enumName)], [returnedKey(enumName)]],
    })
  },

  UNION_MEMBER_ADDED({ unionName, addedUnionMemberTypeName: member, addedToNewType }) {
    if (addedToNewType) return null
    return change(
      'UNION_MEMBER_ADDED',
      'DANGEROUS',
      unionName,
      `Union ${unionName} has a new member ${member}.`,
      {
        detail: member,
        uses: [[unionName]],
      },
    )
  },
  UNION_MEMBER_REMOVED({ unionName, removedUnionMemberTypeName: member }, { base, head }) {
    if (!head.getType(member)) return null
    return change(
      'UNION_MEMBER_REMOVED',
      'BREAKING',
      unionName,
      `${member} is no longer a member of union ${unionName}.`,
      { detail: member, uses: [member, ...interfacesOf(base, member)].map((type) => [unionName, type]) },
    )
  },
  OBJECT_TYPE_INTERFACE_ADDED({ objectTypeName: type, addedInterfaceName: parent }, { base }) {
    const isNew = !base.getType(parent)
    if (isNew && !base.getType(type)) return null
    return change(
      'OBJECT_TYPE_INTERFACE_ADDED',
      isNew ? 'SAFE' : 'DANGEROUS',
      type,
      `Type ${type} now implements interface ${parent}.`,
      { detail: parent, uses: [[parent]] },
    )
  },
  OBJECT_TYPE_INTERFACE_REMOVED({ objectTypeName: type, removedInterfaceName: parent }, { base, head }) {
    if (!head.getType(parent)) return null
    return change(
      'OBJECT_TYPE_INTERFACE_REMOVED',
      'BREAKING',
      type,
      `Type ${type} no longer implements interface ${parent}.`,
      { detail: parent, uses: [type, ...interfacesOf(base, type)].map((other) => [parent, other]) },
    )
  },
}

/** @param kind of GraphQL's AST, such as `ObjectTypeDefinition` */
function kindInWords(kind: string): string {
  const words = kind
    .replace('TypeDefinition', '')
    .replace(/(?<=[a-z])(?=[A-Z])/g, ' ')
    .toLowerCase()
  return /^[aeio]/.test(words) ? `an ${words}` : `a ${words}`
}

function interfacesOf(schema: GraphQLSchema, type: string): readonly string[] {
  const named = schema.getType(type)
  return isObjectType(named) || isInterfaceType(named) ? named.getInterfaces().map(({ name }) => name) : []
}
