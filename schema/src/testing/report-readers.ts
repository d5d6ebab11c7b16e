import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import Ajv from 'ajv'
import Ajv2020 from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import markdownIt from 'markdown-it'
import { SaxesParser } from 'saxes'

/** What a JSON text lacks of our own JSON Schema of reports; empty where it is valid. */
export function faultsOfJson(text: string): readonly string[] {
  return faults(validateReport, JSON.parse(text))
}

/** What a JSON text lacks of the schema of SARIF 2.1.0. */
export function faultsOfSarif(text: string): readonly string[] {
  return faults(validateSarif, JSON.parse(text))
}

const validateReport = reportValidator()
const validateSarif = sarifValidator()

function reportValidator() {
  const ajv = new Ajv2020.default({ allErrors: true, allowUnionTypes: true })
  addFormats.default(ajv)
  return ajv.compile(readJson(new URL('../../report.schema.json', import.meta.url)))
}

/** The schema is of draft 4, which differs from what ajv knows by the name of `id` only, as far as it is used. */
function sarifValidator() {
  const path = createRequire(import.meta.url).resolve(
    '@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json',
  )
  const { $schema: _, id: __, ...schema } = readJson(path)
  const ajv = new Ajv.default({ allErrors: true, strict: false, unicodeRegExp: false })
  addFormats.default(ajv)
  return ajv.compile(schema)
}

type Validate = ReturnType<typeof reportValidator>

function faults(validate: Validate, value: unknown): readonly string[] {
  if (validate(value)) return []
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
}

function readJson(path: string | URL): Record<string, unknown> {
  return JSON.parse(readFileSync(path, 'utf8'))
}

export type XmlElement = {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: XmlElement[]
  text: string
}

/** @throws where the text is no well-formed XML. */
export function parseXml(text: string): XmlElement {
  const parser = new SaxesParser()
  const top: XmlElement = { name: '', attributes: {}, children: [], text: '' }
  const open = [top]
  parser.on('error', (error) => {
    throw error
  })
  parser.on('opentag', ({ name, attributes }) => {
    const element = { name, attributes, children: [], text: '' }
    open.at(-1)?.children.push(element)
    open.push(element)
  })
  parser.on('closetag', () => {
    open.pop()
  })
  parser.on('text', (more) => {
    const element = open.at(-1)
    if (element !== undefined) element.text += more
  })
  parser.write(text).close()
  const [root] = top.children
  if (root === undefined) throw new Error('No element')
  return root
}

/** Every element of that name at any depth. */
export function elementsOf(root: XmlElement, name: string): readonly XmlElement[] {
  return [...(root.name === name ? [root] : []), ...root.children.flatMap((child) => elementsOf(child, name))]
}

/** Markdown as GitHub would show it: with HTML, tables, and links for bare addresses. */
export function htmlOfMarkdown(text: string): string {
  return markdownIt({ html: true, linkify: true }).render(text)
}
