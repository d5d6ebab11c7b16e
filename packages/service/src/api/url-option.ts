import { InvalidArgumentError, Option } from 'commander'
import { isHttpUrl } from './settings.ts'

/** `--url`, for commands that call the API. */
export function urlOption(about: string): Option {
  return new Option('--url <URL>', about).argParser(readUrl)
}

function readUrl(text: string): string {
  if (!isHttpUrl(text)) throw new InvalidArgumentError('It is no http or https URL.')
  return text
}
