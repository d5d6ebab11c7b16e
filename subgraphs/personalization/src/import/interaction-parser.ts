import type { Interaction } from '../domain/interaction.ts'
import { createCsvParser } from './csv-rows.ts'
import { detectDelimiter, type InteractionFormat } from './detect-format.ts'
import { readInteractionHeader } from './interaction-csv.ts'
import type { InteractionDefaults } from './interaction-row.ts'
import type { RowParser } from './row-parser.ts'
import { createListsParser, createRatingsParser } from './white-space-rows.ts'

/**
 * @param header the first line of the file
 * @param onNotice is told of columns that are ignored
 */
export function interactionParser(
  format: InteractionFormat,
  header: string,
  defaults: InteractionDefaults,
  onNotice: (line: string) => void,
): RowParser<Interaction> {
  if (format === 'ratings') return createRatingsParser(defaults)
  if (format === 'lists') return createListsParser(defaults)
  return createCsvParser({
    delimiter: detectDelimiter(header),
    readHeader: (names) =>
      readInteractionHeader(names, defaults, (ignored) => {
        onNotice(`These columns are ignored: ${ignored.join(', ')}`)
      }),
  })
}
