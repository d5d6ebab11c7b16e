import { describe, expect, test } from 'vitest'
import type { Interaction } from '../../domain/interaction.ts'
import type { ColumnMap } from './columns.ts'
import type { Field } from './fields.ts'
import { interactionColumns } from './interaction-columns.ts'

const NOW = Date.parse('2026-06-01T12:00:00.000Z')

/** What one row under this header is read as, and which columns are ignored. */
function read(header: readonly string[], cells: readonly string[] = [], map: ColumnMap = new Map()) {
  const columns = interactionColumns(header, map, { type: 'PLAY', now: NOW })
  if ('problem' in columns) throw new Error(columns.problem)
  return { row: columns.read(cells), ignored: columns.ignored }
}

function timed(column: string, text: string): Field<Interaction> {
  return read(['userId', 'itemId', column], ['u', 'i', text]).row
}

describe('the header of an interactions file', () => {
  test.each([
    ['names as documented', ['userId', 'itemId', 'value', 'occurredAt']],
    ['another case and spelling', ['USER_ID', 'Item Id', 'Value', 'occurred-at']],
    ['spaces around names', [' userId', 'itemId ', ' value ', '\toccurredAt']],
    ['rating and timestamp', ['userId', 'itemId', 'rating', 'timestamp']],
    ['rating and timestamp in another case', ['user id', 'item id', 'Rating', 'Time Stamp']],
  ])('%s', (_, header) => {
    const { row, ignored } = read(header, ['u', 'i', '4.5', '1700000000'])
    expect(row).toMatchObject({
      value: { userId: 'u', itemId: 'i', value: 4.5, occurredAt: 1_700_000_000_000 },
    })
    expect(ignored).toEqual([])
  })

  test('names every column that is ignored, each once', () => {
    const header = ['', 'userId', 'date', 'itemId', 'Date ', 'date', 'device']
    expect(read(header).ignored).toEqual(['column 1 (no name)', '"date"', '"Date"', '"device"'])
  })

  test.each([
    [['userId', 'itemId', 'user_id'], 'has the column userId twice'],
    [['userId', 'itemId', 'rating', 'Rating'], 'has the column rating twice'],
    [['userId', 'itemId', 'timestamp', 'occurredAt'], 'has both occurredAt and timestamp'],
    [['userId', 'itemId', 'value', 'rating'], 'has both value and rating'],
    [['user', 'itemId'], 'has no column userId (it has user, itemId)'],
  ])('%j is refused', (header, message) => {
    expect(() => read(header)).toThrow(message)
  })

  test.each([
    ['Unix seconds', '1700000000', 1_700_000_000_000],
    ['Unix seconds with a fraction', '1700000000.25', 1_700_000_000_250],
    ['the first Unix seconds', '100000000', 100_000_000_000],
    ['Unix milliseconds', '1700000000123', 1_700_000_000_123],
    ['the first Unix milliseconds', '100000000000', 100_000_000_000],
    ['RFC 3339 in UTC', '2026-01-31T12:00:00Z', Date.UTC(2026, 0, 31, 12)],
    [
      'RFC 3339 with an offset and a fraction',
      '2026-01-31T12:00:00.5+01:00',
      Date.UTC(2026, 0, 31, 11, 0, 0, 500),
    ],
    ['a date', '2026-01-31', Date.UTC(2026, 0, 31)],
    ['an instant as data frames write it', '2026-01-31 12:00:00', Date.UTC(2026, 0, 31, 12)],
    ['the same with a fraction', '2026-01-31 12:00:00.25', Date.UTC(2026, 0, 31, 12, 0, 0, 250)],
    ['nothing', '', 0],
  ])('a timestamp may be %s', (_, text, occurredAt) => {
    expect(timed('timestamp', text)).toMatchObject({ value: { occurredAt } })
    expect(timed('occurredAt', text)).toMatchObject({ value: { occurredAt } })
  })

  test.each([
    ['too few digits', '99999999', 'has "99999999" as timestamp: write 2026-01-31T12:00:00Z'],
    ['microseconds', '1700000000123456', 'has "1700000000123456" as timestamp'],
    ['a time without a zone', '2026-01-31T12:00:00', 'has "2026-01-31T12:00:00" as timestamp'],
    ['no time at all', 'yesterday', 'has "yesterday" as timestamp'],
    ['seconds of the future', '99999999999', 'lies in the future'],
    ['a time before 1970', '1969-12-31T23:59:59Z', 'lies before 1970'],
  ])('a timestamp may not be %s', (_, text, problem) => {
    expect(timed('timestamp', text)).toEqual({ problem: expect.stringContaining(problem) })
  })

  test.each([
    ['rating', 'has a rating that is no number: "five"'],
    ['value', 'has a value that is no number: "five"'],
  ])('a bad %s is told by the name of its own column', (column, problem) => {
    expect(timed(column, 'five')).toEqual({ problem })
  })
})
