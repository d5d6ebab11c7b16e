/**
 * Asks the server at a port in every way that leaves something behind, and ends the pool. The process is to end by
 * itself: a timer that was forgotten would keep it for a minute.
 */
import { createAnswerMemory } from '../answer-buffer.ts'
import { createConnectionPool } from '../http1/connection-pool.ts'
import { HttpExchange } from '../http1/http-exchange.ts'
import { postHead } from '../http1/post-head.ts'

const [port = '', end = ''] = process.argv.slice(2)
const pool = createConnectionPool(
  { secure: false, host: '127.0.0.1', port: Number(port) },
  { maxConnections: 2, connectTimeoutMs: 60_000 },
)
const head = postHead(new URL('http://subgraph.test/'), [])
const memory = createAnswerMemory({ maxAnswerBytes: 1_000, maxHeldBytes: 1_000, shareBytes: 1_000 })

function post(body: string, abort: boolean): Promise<void> {
  return new Promise((resolve) => {
    const exchange = new HttpExchange(head.withBody([], body), memory, ({ type }) => {
      process.stdout.write(`${body} ${type}\n`)
      resolve()
    })
    pool.post(exchange)
    if (abort) exchange.abort()
  })
}

if (end !== 'unused') {
  await post('answered', false)
  await post('connecting', true)
  if (end === 'close') await pool.close()
  else pool.destroy()
  process.stdout.write(`${end} ended\n`)
}
