import { createHttpServer } from '@bulkhead/service/http-server'
import { createMetrics } from '@bulkhead/service/metrics'
import { captureLog } from '@bulkhead/service/testing/captured-log'
import { expect, test } from 'vitest'
import { startTestApp } from '../testing/test-app.ts'
import { EXAMPLE_QUERIES } from './example-queries.ts'
import { mountPage } from './mount-page.ts'

const FROM_ELSEWHERE = /(?:src|href)="(?:\w+:)?\/\//

test('the page loads everything from its own origin, and may ask nobody else', async () => {
  const { inject } = await startTestApp()
  const page = await inject({ url: '/' })
  expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8'])
  expect(page.text).not.toMatch(FROM_ELSEWHERE)
  const policy = String(page.headers['content-security-policy'])
  expect(policy).toContain("default-src 'none'; script-src 'self';")
  expect(policy).toContain("connect-src 'self'")
  expect(policy).toContain("frame-ancestors 'none'")
  expect(policy).not.toContain('http')
  const assets = [...page.text.matchAll(/(?:src|href)="(graphiql\/[^"]+)"/g)].map(([, path]) => path)
  expect(assets).toHaveLength(6)
  for (const path of assets) {
    const asset = await inject({ url: `/${path}` })
    expect([path, asset.status]).toEqual([path, 200])
    expect(asset.text.length).toBeGreaterThan(20)
    expect(asset.headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'content-type': path?.endsWith('.css') ? 'text/css; charset=utf-8' : 'text/javascript; charset=utf-8',
    })
  }
})

test('its examples are valid operations of our graph', async () => {
  const { inject, post } = await startTestApp()
  const { text } = await inject({ url: '/' })
  const examples = JSON.parse(/id="examples">(.*?)<\/script>/.exec(text)?.[1] ?? '[]')
  expect(examples).toHaveLength(EXAMPLE_QUERIES.length)
  for (const query of [...examples, ...EXAMPLE_QUERIES.map(({ selection }) => selection)]) {
    expect([query, (await post({ query })).status]).toEqual([query, 200])
  }
})

test('the page is not there in production, unless GRAPHIQL says so', async () => {
  const statusOf = async (env: Record<string, string>) => {
    const { inject } = await startTestApp(env)
    return [(await inject({ url: '/' })).status, (await inject({ url: '/graphiql/graphiql.js' })).status]
  }
  expect(await statusOf({ NODE_ENV: 'production' })).toEqual([404, 404])
  expect(await statusOf({ NODE_ENV: 'production', GRAPHIQL: 'on' })).toEqual([200, 200])
  expect(await statusOf({ GRAPHIQL: 'off' })).toEqual([404, 404])
})

test('for a graph that is not ours there are no examples', async () => {
  const app = createHttpServer({
    log: captureLog().log,
    metrics: createMetrics({ service: 'test' }),
    readiness: () => ({ ready: true, checks: {} }),
  })
  mountPage(app, { examples: false })
  expect((await app.inject('/')).body).toContain('id="examples">[]<')
  await app.close()
})
