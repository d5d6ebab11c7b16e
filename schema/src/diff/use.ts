/**
 * What an operation can use of a schema, as keys of an index. Most are schema coordinates; the others say how a type is
 * used, and no coordinate looks like them.
 */

/** All of these together: `['Search', 'Book']` is the use of both. */
export type Use = readonly string[]

/** A field of this type is selected, so the client gets its values. */
export function returnedKey(type: string): string {
  return `returned ${type}`
}

/** A variable has this type, or one that contains it: any value of it may be given. */
export function variableKey(type: string): string {
  return `variable ${type}`
}

/** The argument is not given, or by a variable that may be absent: its default counts. */
export function omittedKey(argument: string): string {
  return `omitted ${argument}`
}

export function fieldCoordinate(type: string, field: string): string {
  return `${type}.${field}`
}

export function argumentCoordinate(type: string, field: string, argument: string): string {
  return `${type}.${field}(${argument}:)`
}

export function directiveCoordinate(name: string): string {
  return `@${name}`
}

export function directiveArgumentCoordinate(name: string, argument: string): string {
  return `@${name}(${argument}:)`
}
