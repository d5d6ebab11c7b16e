import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { parse, print } from 'graphql'
import { EXAMPLE_QUERIES, type ExampleQuery } from './example-queries.ts'

const JAVASCRIPT = 'text/javascript; charset=utf-8'
const CSS = 'text/css; charset=utf-8'

/** What the page loads, all of it from here. GraphiQL 3 is the last that needs no bundler. */
const ASSETS = [
  { name: 'react.js', type: JAVASCRIPT, from: ['react', 'umd/react.production.min.js'] },
  { name: 'react-dom.js', type: JAVASCRIPT, from: ['react-dom', 'umd/react-dom.production.min.js'] },
  { name: 'graphiql.js', type: JAVASCRIPT, from: ['graphiql', 'graphiql.min.js'] },
  { name: 'graphiql.css', type: CSS, from: ['graphiql', 'graphiql.min.css'] },
] as const

/**
 * The page may load and ask its own origin, and no other. GraphiQL writes style elements at run time, and its sheet has
 * its fonts and pictures inside.
 */
const CONTENT_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const ONE_HOUR = 'public, max-age=3600'

/** @param options.examples whether the graph is our own, for which there are examples */
export function mountPage(app: FastifyInstance, options: { readonly examples: boolean }): void {
  const page = renderPage(options.examples ? EXAMPLE_QUERIES : [])
  app.get('/', (_request, reply) =>
    reply.header('content-security-policy', CONTENT_POLICY).type('text/html; charset=utf-8').send(page),
  )
  const require = createRequire(import.meta.url)
  for (const { name, type, from } of ASSETS) {
    const [library, file] = from
    serve(name, type, readFileSync(join(dirname(require.resolve(`${library}/package.json`)), file)))
  }
  serve('start.js', JAVASCRIPT, readFileSync(new URL('start.js', import.meta.url)))
  serve('page.css', CSS, readFileSync(new URL('page.css', import.meta.url)))

  function serve(name: string, type: string, content: Buffer) {
    app.get(`/graphiql/${name}`, (_request, reply) =>
      reply.header('cache-control', ONE_HOUR).type(type).send(content),
    )
  }
}

function renderPage(examples: readonly ExampleQuery[]): string {
  const documents = JSON.stringify(examples.map(documentOf)).replaceAll('<', '\\u003c')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Bulkhead</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="graphiql/graphiql.css">
<link rel="stylesheet" href="graphiql/page.css">
</head>
<body>
<div id="page">Loading GraphiQL. It needs JavaScript.</div>
<script type="application/json" id="examples">${documents}</script>
<script src="graphiql/react.js"></script>
<script src="graphiql/react-dom.js"></script>
<script src="graphiql/graphiql.js"></script>
<script src="graphiql/start.js"></script>
</body>
</html>
`
}

function documentOf({ name, title, selection }: ExampleQuery): string {
  return `# ${title}\n${print(parse(`query ${name} ${selection}`))}`
}
