import {
  type GraphQLNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isSpecifiedDirective,
} from 'graphql'
import { counted } from '../report/wording.ts'
import { renderDescription, renderSummary } from './description.ts'
import { type Html, type HtmlPart, html } from './html.ts'
import { deprecationNote, facts, renderPage, typeLink, typeLinks, usageText } from './parts.ts'
import type { Site } from './site.ts'
import { kindOf } from './type-page.ts'

const KINDS = [
  { kind: 'object', title: 'Objects' },
  { kind: 'interface', title: 'Interfaces' },
  { kind: 'union', title: 'Unions' },
  { kind: 'enum', title: 'Enums' },
  { kind: 'input object', title: 'Input objects' },
  { kind: 'scalar', title: 'Scalars' },
] as const

export function renderIndexPage(site: Site): string {
  const roots = [
    site.schema.getQueryType(),
    site.schema.getMutationType(),
    site.schema.getSubscriptionType(),
  ].filter((type) => type !== undefined && type !== null)
  const content = html`<h1>Graph reference</h1>
<p>${counted(site.types.length, 'type')} of ${counted(site.subgraphs.length, 'subgraph')}. ${usageNote(site)}</p>
${typeList(site, 'Entry points', roots)}
${KINDS.map(({ kind, title }) =>
  typeList(
    site,
    title,
    site.types.filter((type) => kindOf(type) === kind && !roots.some((root) => root.name === type.name)),
  ),
)}
${directiveList(site)}`
  return renderPage({ title: 'Graph reference', top: '', content })
}

export function renderDeprecationsPage(site: Site): string {
  const items = site.types
    .flatMap((type) => deprecationsOf(type))
    .map(({ coordinate, type, field, reason }) => {
      const subgraphs = isObjectOrInterface(site, type) ? site.resolvedBy(type, field) : site.definedIn(type)
      return html`<section class="element"><h3><a href="${site.pageOf(type)}#${field}">${coordinate}</a></h3>
${deprecationNote(reason)}
${facts([
  { term: 'Subgraphs', value: subgraphs.join(', ') || null },
  { term: 'Owners', value: site.ownersOf(coordinate, subgraphs).join(', ') || null },
  { term: 'Used by', value: usageText(site, coordinate) },
])}</section>
`
    })
  const content = html`<h1>Deprecations</h1>
<p>${items.length === 0 ? 'Nothing is deprecated.' : `${counted(items.length, 'element')}. ${usageNote(site)}`}</p>
${items}`
  return renderPage({ title: 'Deprecations', top: '', content })
}

export function renderSubgraphsPage(site: Site): string {
  const bySubgraph = new Map(site.subgraphs.map((name) => [name, [] as string[]]))
  for (const { name } of site.types) {
    for (const subgraph of site.definedIn(name)) bySubgraph.get(subgraph)?.push(name)
  }
  const sections = [...bySubgraph].map(
    ([name, types]) => html`<section class="element"><h2>${name}</h2>
${facts([{ term: 'Owners', value: site.ownersOf(null, [name]).join(', ') || null }])}
<p>${types.length === 0 ? 'It defines no type that clients see.' : typeLinks(site, types, '')}</p></section>
`,
  )
  return renderPage({ title: 'Subgraphs', top: '', content: html`<h1>Subgraphs</h1>${sections}` })
}

function usageNote({ known: { operations, recorded } }: Site): string {
  if (operations.length === 0 && recorded === null) {
    return 'No operations are configured, so nothing is said of what is used.'
  }
  const counts = `Uses are counted in ${counted(operations.length, 'known operation')}`
  if (recorded === null) return `${counts}; no usage is recorded.`
  const enough = recorded.isEnough ? '' : ', too few to call anything unused'
  return `${counts}, and in ${counted(recorded.requests, 'request')} recorded from ${recorded.from.slice(0, 10)} to ${recorded.to.slice(0, 10)}${enough}.`
}

function typeList(site: Site, title: string, types: readonly GraphQLNamedType[]): HtmlPart {
  if (types.length === 0) return null
  const items = types.map(({ name, description }): Html => {
    const summary = renderSummary(description)
    return html`<li><code>${typeLink(site, name, '')}</code>${summary === null ? null : [' ', html`<span class="quiet">${summary}</span>`]}</li>
`
  })
  return html`<h2>${title}</h2><ul class="types">${items}</ul>`
}

/** What operations may use beside what every GraphQL server has. */
function directiveList({ schema }: Site): HtmlPart {
  const directives = schema.getDirectives().filter((directive) => !isSpecifiedDirective(directive))
  if (directives.length === 0) return null
  const items = directives.map(
    ({ name, args, description }) =>
      html`<li><code>@${name}${args.length === 0 ? '' : `(${args.map((argument) => `${argument.name}: ${String(argument.type)}`).join(', ')})`}</code>${renderDescription(description)}</li>`,
  )
  return html`<h2>Directives</h2><ul class="types">${items}</ul>`
}

type Deprecation = {
  readonly coordinate: string
  readonly type: string
  /** The field or enum value whose place on the page it is. */
  readonly field: string
  readonly reason: string
}

function deprecationsOf(type: GraphQLNamedType): readonly Deprecation[] {
  const found: Deprecation[] = []
  function add(coordinate: string, field: string, reason: string | null | undefined): void {
    if (typeof reason === 'string') found.push({ coordinate, type: type.name, field, reason })
  }
  if (isEnumType(type)) {
    for (const { name, deprecationReason } of type.getValues())
      add(`${type.name}.${name}`, name, deprecationReason)
  } else if (isObjectType(type) || isInterfaceType(type) || isInputObjectType(type)) {
    for (const field of Object.values(type.getFields())) {
      const coordinate = `${type.name}.${field.name}`
      add(coordinate, field.name, field.deprecationReason)
      for (const argument of 'args' in field ? field.args : [])
        add(`${coordinate}(${argument.name}:)`, field.name, argument.deprecationReason)
    }
  }
  return found
}

function isObjectOrInterface({ schema }: Site, name: string): boolean {
  const type = schema.getType(name)
  return isObjectType(type) || isInterfaceType(type)
}
