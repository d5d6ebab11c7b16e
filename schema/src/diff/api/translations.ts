import type { Change as InspectedChange, TypeOfChangeType } from '@graphql-inspector/core'
import type { GraphQLSchema } from 'graphql'
import type { Change } from '../change.ts'

/** What the grade of a change depends on besides the change. */
export type Schemas = {
  readonly base: GraphQLSchema
  readonly head: GraphQLSchema
  /** The enums that some field of the head returns. */
  readonly returnedEnums: ReadonlySet<string>
}

export type Translations = {
  readonly [Type in TypeOfChangeType]?: (
    meta: InspectedChange<Type>['meta'],
    schemas: Schemas,
  ) => Change | null
}

export function gradeOfDefault(wasRequired: boolean, isRequired: boolean) {
  if (wasRequired) return 'SAFE'
  return isRequired ? 'BREAKING' : 'DANGEROUS'
}

export function defaultInWords(before: string | undefined, after: string | undefined): string {
  if (before === undefined) return `now has the default ${after}`
  if (after === undefined) return `no longer has the default ${before}`
  return `had the default ${before} and has ${after}`
}
