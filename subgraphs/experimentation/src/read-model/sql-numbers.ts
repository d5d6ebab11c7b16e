/** The digits of a number in a statement. @throws RangeError unless it is an integer that a double holds exactly */
export function integer(value: number): string {
  if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is no exact integer`)
  return String(value)
}
