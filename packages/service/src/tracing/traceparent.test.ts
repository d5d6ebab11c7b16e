import { context, ROOT_CONTEXT, trace } from '@opentelemetry/api'
import { expect, test } from 'vitest'
import { recordSpans } from '../testing/recorded-spans.ts'
import { activeTraceparent, contextOf } from './traceparent.ts'

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

// This test is the first one: once the API has seen an SDK, it keeps it.
test('without an SDK no trace is active', () => {
  expect(context.with(contextOf(TRACEPARENT), activeTraceparent)).toBeUndefined()
})

test('a trace is read as it was written', () => {
  recordSpans()
  expect(context.with(contextOf(TRACEPARENT), activeTraceparent)).toBe(TRACEPARENT)
  expect(trace.getSpanContext(contextOf(TRACEPARENT))).toMatchObject({ isRemote: true, traceFlags: 1 })
})

test('a trace that nobody keeps, or that is invalid, is not handed on', () => {
  recordSpans()
  expect(activeTraceparent()).toBeUndefined()
  for (const useless of [TRACEPARENT.replace(/01$/, '00'), `00-${'0'.repeat(32)}-b7ad6b7169203331-01`]) {
    expect(context.with(contextOf(useless), activeTraceparent)).toBeUndefined()
  }
})

test.each(['', 'x', `${TRACEPARENT}-more`, TRACEPARENT.toUpperCase()])('"%s" leads to no trace', (text) => {
  expect(contextOf(text)).toBe(ROOT_CONTEXT)
})
