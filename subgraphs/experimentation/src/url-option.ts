import { InvalidArgumentError, Option } from 'commander'
import { readHttpUrl } from './config.ts'

/** `--url`, for commands that call the API. */
export function urlOption(about: string): Option {
  return new Option('--url <URL>', about).argParser(readUrl)
}

function readUrl(text: string): string {
  const url = readHttpUrl(text)
  if (url === null) throw new InvalidArgumentError('It is no http or https URL.')
  return url
}
