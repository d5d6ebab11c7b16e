/** Markup that is safe to put into a page: only the tag `html` makes it. */
export class Html {
  readonly markup: string
  constructor(markup: string) {
    this.markup = markup
  }
}

export type HtmlPart = string | number | Html | null | readonly HtmlPart[]

/** A piece of a page. Texts between the pieces of markup are escaped, so that nothing of a schema can become markup. */
export function html(markup: TemplateStringsArray, ...parts: readonly HtmlPart[]): Html {
  return new Html(markup.reduce((all, piece, index) => all + markupOf(parts[index - 1] ?? null) + piece))
}

/** Pieces with a text between each two. */
export function joined(pieces: readonly HtmlPart[], separator: string): HtmlPart {
  return pieces.flatMap((piece, index): HtmlPart[] => (index === 0 ? [piece] : [separator, piece]))
}

function markupOf(part: HtmlPart): string {
  if (part === null) return ''
  if (part instanceof Html) return part.markup
  if (typeof part === 'object') return part.map(markupOf).join('')
  return String(part)
    .toWellFormed()
    .replaceAll(/[^\P{Cc}\t\n]/gu, ' ')
    .replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
