import { type Html, type HtmlPart, html } from './html.ts'

/**
 * The little Markdown that descriptions of schemas are full of: paragraphs, lists, fenced blocks, and code between
 * backticks. Everything else stays as it is written.
 */
export function renderDescription(text: string | null | undefined): HtmlPart {
  if (text === null || text === undefined || text.trim() === '') return null
  return html`<div class="description">${blocksOf(text).map(renderBlock)}</div>`
}

/** The first paragraph, for lists of many. */
export function renderSummary(text: string | null | undefined): HtmlPart {
  const [first] = blocksOf(text ?? '')
  return first?.type === 'paragraph' ? inline(first.lines.join(' ')) : null
}

type Block = { readonly type: 'paragraph' | 'list' | 'code'; readonly lines: readonly string[] }

function blocksOf(text: string): readonly Block[] {
  const blocks: { type: Block['type']; lines: string[] }[] = []
  let isOpen = false
  for (const line of text.trim().split(/\r\n|\r|\n/)) {
    const last = blocks.at(-1)
    if (last?.type === 'code' && isOpen) {
      if (/^\s*```/.test(line)) isOpen = false
      else last.lines.push(line)
    } else if (/^\s*```/.test(line)) {
      blocks.push({ type: 'code', lines: [] })
      isOpen = true
    } else if (line.trim() === '') {
      isOpen = false
    } else if (/^\s*[-*] /.test(line)) {
      const item = line.replace(/^\s*[-*] /, '')
      if (last?.type === 'list') last.lines.push(item)
      else blocks.push({ type: 'list', lines: [item] })
      isOpen = true
    } else if (last?.type === 'list' && isOpen) {
      last.lines.push(`${last.lines.pop() ?? ''} ${line.trim()}`)
    } else if (last?.type === 'paragraph' && isOpen) {
      last.lines.push(line.trim())
    } else {
      blocks.push({ type: 'paragraph', lines: [line.trim()] })
      isOpen = true
    }
  }
  return blocks
}

function renderBlock({ type, lines }: Block): Html {
  if (type === 'code') return html`<pre><code>${lines.join('\n')}</code></pre>`
  if (type === 'list') return html`<ul>${lines.map((line) => html`<li>${inline(line)}</li>`)}</ul>`
  return html`<p>${inline(lines.join(' '))}</p>`
}

function inline(text: string): HtmlPart {
  return text
    .split(/(`[^`]+`)/)
    .map((part, index) => (index % 2 === 1 ? html`<code>${part.slice(1, -1)}</code>` : part))
}
