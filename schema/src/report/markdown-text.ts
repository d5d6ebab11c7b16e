import { plainText } from '@bulkhead/service/plain-text'
import { linesOf } from './log-text.ts'

/** Invisible, and no letter: what stands after it is no mention, reference, emoji or link. */
const WORD_JOINER = '&#8288;'

/**
 * Everything but letters, digits and harmless punctuation; of that what is not harmless before a letter (`:smile:`,
 * `https://`, `%1`), in `{+added+}` or after `www`.
 */
const MARKUP = /[^\p{L}\p{N}\p{M} .,;:?()/%'"{}=+-]|[:%](?=\S)|\{(?=[+-])|(?<=www)\./giu

/** What begins a mention, a reference, an emoji or a link of GitHub or GitLab. */
const MENTIONS = /[@#!~$%&:.^]/

/**
 * Text that others wrote, as one line of Markdown that shows just that text: nothing in it is markup, HTML, a cell of
 * a table, a link, or a mention or reference that GitHub or GitLab would follow after rendering.
 */
export function markdownText(text: string): string {
  // At the start of a line these begin a list, a heading's underline, a definition or one of GitLab's commands.
  return inlineText(text)
    .trimStart()
    .replace(/^[.:=+/-]|(?<=^\d+)[.)]/, entity)
}

/** The same where text of ours stands before it on the line. */
function inlineText(text: string): string {
  return plainText(text).replaceAll(MARKUP, (character) =>
    MENTIONS.test(character) ? `${entity(character)}${WORD_JOINER}` : entity(character),
  )
}

/**
 * Sentences of several lines, in which names stand between backticks as code. What is no pair of backticks is text, so
 * this is as safe with what others wrote.
 */
export function markdownSentences(text: string): string {
  return linesOf(text)
    .map((line) => {
      const [first = '', ...rest] = line.split(/(`[^`|]+`)/)
      const parts = rest.map((part, index) =>
        index % 2 === 0 ? markdownCode(part.slice(1, -1)) : inlineText(part),
      )
      return [markdownText(first), ...parts].join('')
    })
    .join('<br>')
}

/** The same as code, for coordinates and names. */
export function markdownCode(text: string): string {
  const plain = plainText(text)
  if (plain.trim() !== '' && !/[`|]/.test(plain)) return `\`${plain}\``
  return `<code>${markdownText(plain)}</code>`
}

function entity(character: string): string {
  return `&#${character.codePointAt(0)};`
}
