/** Arguments and results cross as structured clones: plain data, without functions. */
export type Request = { readonly id: number; readonly method: string; readonly args: readonly unknown[] }

export type Reply =
  | { readonly id: number; readonly type: 'returned'; readonly value: unknown }
  | { readonly id: number; readonly type: 'threw'; readonly failure: Failure }

/** Asks which methods the object has. */
export const METHOD_NAMES = 'thread:method-names'

/** An error as it crosses; a clone of it would lose its class. */
export type Failure = { readonly name: string; readonly message: string; readonly stack: string }

export function toFailure(thrown: unknown): Failure {
  const { name, message, stack = '' } = thrown instanceof Error ? thrown : new Error(String(thrown))
  return { name, message, stack }
}

/** By name: errors that keep their class on the way. */
export type ErrorClasses = Readonly<Record<string, new (message: string, options: ErrorOptions) => Error>>

/** The error of the thread, with its stack there as the cause; a plain one where its class is not known. */
export function fromFailure({ name, message, stack }: Failure, classes: ErrorClasses): Error {
  const { [name]: Known = Error } = classes
  return new Known(message, { cause: stack })
}
