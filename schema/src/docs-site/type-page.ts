import {
  astFromValue,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isScalarType,
  isUnionType,
  print,
} from 'graphql'
import { renderDescription } from './description.ts'
import { type Html, type HtmlPart, html, joined } from './html.ts'
import { deprecationNote, facts, renderPage, typeLinks, typeReference, usageText } from './parts.ts'
import type { Site } from './site.ts'

const TOP = '../'

export function renderTypePage(site: Site, type: GraphQLNamedType): string {
  const subgraphs = site.definedIn(type.name)
  const content = html`<h1><code>${type.name}</code> <span class="kind">${kindOf(type)}</span></h1>
${renderDescription(type.description)}
${facts([
  { term: 'Subgraphs', value: subgraphs.join(', ') || null },
  { term: 'Owners', value: site.ownersOf(type.name, subgraphs).join(', ') || null },
  { term: 'Used by', value: usageText(site, type.name) },
  ...relations(site, type),
])}
${elements(site, type)}
${referenceList(site, type)}`
  return renderPage({ title: type.name, top: TOP, content })
}

export function kindOf(type: GraphQLNamedType): string {
  if (isObjectType(type)) return 'object'
  if (isInterfaceType(type)) return 'interface'
  if (isUnionType(type)) return 'union'
  if (isEnumType(type)) return 'enum'
  return isInputObjectType(type) ? 'input object' : 'scalar'
}

function relations(site: Site, type: GraphQLNamedType) {
  const links = (names: readonly string[]) => (names.length === 0 ? null : typeLinks(site, names, TOP))
  if (isUnionType(type)) return [{ term: 'Members', value: links(type.getTypes().map(({ name }) => name)) }]
  if (isScalarType(type)) return [{ term: 'Specified by', value: type.specifiedByURL ?? null }]
  if (!isObjectType(type) && !isInterfaceType(type)) return []
  const implemented = { term: 'Implements', value: links(type.getInterfaces().map(({ name }) => name)) }
  if (isObjectType(type)) return [implemented]
  const { objects, interfaces } = site.schema.getImplementations(type)
  return [
    implemented,
    { term: 'Implemented by', value: links([...interfaces, ...objects].map(({ name }) => name)) },
  ]
}

function elements(site: Site, type: GraphQLNamedType): HtmlPart {
  if (isEnumType(type)) {
    const values = type
      .getValues()
      .map(({ name, description, deprecationReason }) =>
        element(
          name,
          html`${name}`,
          [deprecationNote(deprecationReason), renderDescription(description)],
          facts([{ term: 'Written in', value: usageText(site, `${type.name}.${name}`) }]),
        ),
      )
    return html`<h2>Values</h2>${values}`
  }
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields()).map((field) => {
      const { name, description, deprecationReason } = field
      const coordinate = `${type.name}.${name}`
      return element(
        name,
        html`${name}: ${typeReference(site, field.type, TOP)}${defaultOf(field)}`,
        [deprecationNote(deprecationReason), renderDescription(description)],
        facts([
          { term: 'Owners', value: owners(site, coordinate, site.definedIn(type.name)) },
          { term: 'Written in', value: usageText(site, coordinate) },
        ]),
      )
    })
    return html`<h2>Fields</h2>${fields}`
  }
  if (!isObjectType(type) && !isInterfaceType(type)) return null
  return html`<h2>Fields</h2>${Object.values(type.getFields()).map((field) => fieldElement(site, type.name, field))}`
}

function fieldElement(site: Site, type: string, field: GraphQLField<unknown, unknown>): Html {
  const coordinate = `${type}.${field.name}`
  const subgraphs = site.resolvedBy(type, field.name)
  return element(
    field.name,
    html`${field.name}: ${typeReference(site, field.type, TOP)}`,
    [
      deprecationNote(field.deprecationReason),
      renderDescription(field.description),
      field.args.length === 0 ? null : argumentList(site, coordinate, field.args),
    ],
    facts([
      { term: 'Resolved by', value: subgraphs.join(', ') || null },
      { term: 'Owners', value: owners(site, coordinate, subgraphs) },
      { term: 'Used by', value: usageText(site, coordinate) },
    ]),
  )
}

function argumentList(site: Site, coordinate: string, args: readonly GraphQLArgument[]): Html {
  const items = args.map((argument) => {
    const usage = usageText(site, `${coordinate}(${argument.name}:)`)
    return html`<li><code>${argument.name}: ${typeReference(site, argument.type, TOP)}${defaultOf(argument)}</code>${
      usage === null ? null : html` <span class="quiet">${usage}</span>`
    }${deprecationNote(argument.deprecationReason)}${renderDescription(argument.description)}</li>`
  })
  return html`<ul class="arguments" aria-label="Arguments">${items}</ul>`
}

function element(id: string, heading: Html, body: readonly HtmlPart[], rows: HtmlPart): Html {
  return html`<section class="element" id="${id}"><h3>${heading}</h3>${body}${rows}</section>
`
}

function owners(site: Site, coordinate: string, subgraphs: readonly string[]): string | null {
  return site.ownersOf(coordinate, subgraphs).join(', ') || null
}

function defaultOf({ defaultValue, type }: GraphQLArgument | GraphQLInputField): string {
  if (defaultValue === undefined) return ''
  const value = astFromValue(defaultValue, type)
  return value === null || value === undefined ? '' : ` = ${print(value)}`
}

function referenceList(site: Site, type: GraphQLNamedType): HtmlPart {
  const references = site.referencesTo(type.name)
  if (references.length === 0) return null
  const links = references.map(
    ({ coordinate, type, field }) =>
      html`<code><a href="${TOP}${site.pageOf(type)}#${field}">${coordinate}</a></code>`,
  )
  return html`<h2>Where it is used</h2><p>${joined(links, ', ')}</p>`
}
