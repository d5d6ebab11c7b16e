import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'

export type ReceivedSpan = {
  readonly service: string
  readonly name: string
  readonly traceId: string
  readonly spanId: string
  /** Undefined or empty for the first of a trace. */
  readonly parentSpanId?: string
  readonly attributes: Readonly<Record<string, unknown>>
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[]
}

type TraceCollector = {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly endpoint: string
  spans(): readonly ReceivedSpan[]
  close(): Promise<void>
}

/** What takes in the spans of the processes, as an OpenTelemetry collector would: OTLP/HTTP with JSON. */
export async function startTraceCollector(): Promise<TraceCollector> {
  const spans: ReceivedSpan[] = []
  const server = createServer(async (request, response) => {
    spans.push(...spansOf((await json(request)) as ExportedTraces))
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans: () => spans,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

type Attributes = readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[]

/** The body of OTLP's `POST /v1/traces`, as far as it is read here. */
type ExportedTraces = {
  readonly resourceSpans?: readonly {
    readonly resource: { readonly attributes: Attributes }
    readonly scopeSpans: readonly {
      readonly spans: readonly (Omit<ReceivedSpan, 'service' | 'attributes' | 'links'> & {
        readonly attributes?: Attributes
        readonly links?: ReceivedSpan['links']
      })[]
    }[]
  }[]
}

function spansOf({ resourceSpans = [] }: ExportedTraces): readonly ReceivedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = String(attributesOf(resource.attributes)['service.name'])
    return scopeSpans.flatMap(({ spans }) =>
      spans.map(({ attributes = [], links = [], ...span }) => ({
        ...span,
        service,
        attributes: attributesOf(attributes),
        links,
      })),
    )
  })
}

function attributesOf(attributes: Attributes): Readonly<Record<string, unknown>> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]))
}
