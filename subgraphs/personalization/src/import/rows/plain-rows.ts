import type { Interaction } from '../../domain/interaction.ts'
import { type InteractionDefaults, readInteraction } from '../columns/interaction-row.ts'
import { STRAY_RETURN } from '../source/read-lines.ts'
import type { Row, RowParser } from './row-parser.ts'
import { splitCells, WHITE_SPACE } from './separators.ts'

/** One interaction a line: `user item [rating [unix seconds]]`, separated by white space or by what is said. */
export function createRatingsParser(
  defaults: InteractionDefaults,
  separator: string = WHITE_SPACE,
): RowParser<Interaction> {
  return perLine((line, text) => {
    const [userId = '', itemId = '', rating, time, ...more] = splitCells(text, separator)
    if (itemId === '' || more.length > 0) {
      return [{ line, problem: 'is not `user item [rating [unix seconds]]`', text }]
    }
    if (time !== undefined && !/^\d{1,11}$/.test(time)) {
      return [{ line, problem: `has "${time.slice(0, 40)}" where Unix seconds belong`, text }]
    }
    const occurredAt = time === undefined ? undefined : new Date(Number(time) * 1000).toISOString()
    return [rowOf(line, text, readInteraction({ userId, itemId, value: rating, occurredAt }, defaults))]
  })
}

/** One user a line with their items: `user item item …`. A line with only a user has no interactions. */
export function createListsParser(defaults: InteractionDefaults): RowParser<Interaction> {
  return perLine((line, text) => {
    const [userId = '', ...itemIds] = splitCells(text, WHITE_SPACE)
    return itemIds.map((itemId) => {
      return rowOf(line, `${userId} ${itemId}`, readInteraction({ userId, itemId }, defaults))
    })
  })
}

function perLine(parse: (line: number, text: string) => readonly Row<Interaction>[]): RowParser<Interaction> {
  return {
    push(line) {
      if ('problem' in line) return [{ line: line.number, problem: line.problem, text: '' }]
      const text = line.text.trim()
      if (text.includes('\r')) return [{ line: line.number, problem: STRAY_RETURN, text }]
      return text === '' ? [] : parse(line.number, text)
    },
    end: () => [],
  }
}

function rowOf(line: number, text: string, field: ReturnType<typeof readInteraction>): Row<Interaction> {
  return 'problem' in field ? { line, problem: field.problem, text } : { line, value: field.value }
}
