import { type GraphQLType, getNamedType } from 'graphql'
import { counted } from '../report/wording.ts'
import { type HtmlPart, html, joined } from './html.ts'
import type { Site } from './site.ts'

/** Told in each page; files that have it are ours, and so may be removed again. */
export const GENERATOR = '<meta name="generator" content="bulkhead-schema docs">'

export type Page = {
  readonly title: string
  /** How one gets from the page's folder to the top of the site: empty or `../`. */
  readonly top: '' | '../'
  readonly content: HtmlPart
}

export function renderPage({ title, top, content }: Page): string {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
#GENERATOR#
<title>${title}</title>
<link rel="stylesheet" href="${top}style.css">
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<nav aria-label="Site">
<a href="${top}index.html">Types</a>
<a href="${top}deprecations.html">Deprecations</a>
<a href="${top}subgraphs.html">Subgraphs</a>
</nav>
<main id="content">
${content}
</main>
</body>
</html>
`
  return page.markup.replace('#GENERATOR#', GENERATOR)
}

/** A type's name as a link to its page. */
export function typeLink(site: Site, name: string, top: Page['top']): HtmlPart {
  const page = site.pageOf(name)
  return page === null ? name : html`<a href="${top}${page}">${name}</a>`
}

/** `[Item!]!` with the name as a link. */
export function typeReference(site: Site, type: GraphQLType, top: Page['top']): HtmlPart {
  const { name } = getNamedType(type)
  const [before = '', after = ''] = String(type).split(name)
  return [before, typeLink(site, name, top), after]
}

export function typeLinks(site: Site, names: readonly string[], top: Page['top']): HtmlPart {
  return joined(
    names.toSorted((a, b) => (a < b ? -1 : 1)).map((name) => html`<code>${typeLink(site, name, top)}</code>`),
    ', ',
  )
}

export type Row = { readonly term: string; readonly value: HtmlPart }

/** Facts about an element; those without a value are left out. */
export function facts(rows: readonly Row[]): HtmlPart {
  const filled = rows.filter(({ value }) => value !== null && !(Array.isArray(value) && value.length === 0))
  if (filled.length === 0) return null
  return html`<dl>${filled.map(({ term, value }) => html`<dt>${term}</dt><dd>${value}</dd>`)}</dl>`
}

/** What is known of an element's use; null where nothing is known of any. */
export function usageText(site: Site, coordinate: string): string | null {
  const { operations, recorded } = site.known
  if (operations.length === 0 && recorded === null) return null
  const usage = site.usageOf(coordinate)
  if (usage.operations === 0 && usage.requests === 0) return 'no known operation'
  const requests = recorded === null ? '' : `, ${counted(usage.requests, 'request')}`
  return `${counted(usage.operations, 'known operation')}${requests}`
}

export function deprecationNote(reason: string | null | undefined): HtmlPart {
  if (reason === null || reason === undefined) return null
  const date = removalDate(reason)
  return html`<p class="deprecated"><strong>Deprecated${date === null ? '' : `, ${date}`}.</strong> ${reason}</p>`
}

/** The day that a reason of a deprecation names, which GraphQL itself has no place for. */
function removalDate(reason: string): string | null {
  return /\b\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])\b/.exec(reason)?.[0] ?? null
}
