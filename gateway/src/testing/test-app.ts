import { text } from 'node:stream/consumers'
import { createMetrics } from '@bulkhead/service/metrics'
import { captureLog } from '@bulkhead/service/testing/captured-log'
import type { InjectOptions } from 'fastify'
import { onTestFinished } from 'vitest'
import { startApp } from '../app.ts'
import { loadConfig } from '../config.ts'
import { answerQuery } from './answer-query.ts'
import { serve } from './serve.ts'
import { REQUIRED_SETTINGS } from './settings.ts'

const ITEM = { __typename: 'Item', id: '1' }
const NO_KEYS = '{"keys":[]}'

/** The gateway on the committed supergraph and these settings, in front of subgraphs that always give the same item. */
export async function startTestApp(env: Readonly<Record<string, string>> = {}) {
  const sent: string[] = []
  const { origin } = await serve(async (request, response) => {
    if (request.method === 'GET') return response.end(NO_KEYS)
    const { query } = JSON.parse(await text(request))
    sent.push(query)
    response.end(JSON.stringify({ data: answerQuery(query, { item: ITEM }) }))
  })
  const config = loadConfig({
    ...REQUIRED_SETTINGS,
    ACCESS_LOG: 'off',
    // Production does not do without.
    JWKS_URL: `${origin}/jwks`,
    JWT_ISSUER: 'https://issuer.example',
    JWT_AUDIENCE: 'gateway',
    PERSONALIZATION_URL: `${origin}/graphql`,
    EXPERIMENTATION_URL: `${origin}/graphql`,
    ...env,
  })
  const { log, lines } = captureLog()
  const metrics = createMetrics({ service: 'test' })
  const app = await startApp({ config, clock: { now: () => 0 }, log, metrics })
  onTestFinished(app.stop)
  lines.length = 0

  async function inject(options: InjectOptions) {
    const { statusCode, headers, body } = await app.http.inject(options)
    return {
      status: statusCode,
      headers,
      text: body,
      json: body.startsWith('{') ? JSON.parse(body) : undefined,
    }
  }
  return {
    inject,
    lines,
    metrics,
    /** The queries that its subgraphs got. */
    sent,
    post: (payload: object, headers: Readonly<Record<string, string>> = {}) =>
      inject({ method: 'POST', url: '/graphql', payload, headers }),
  }
}
