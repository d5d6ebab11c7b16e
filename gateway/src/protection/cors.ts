import cors from '@fastify/cors'
import type { FastifyInstance } from 'fastify'

export type CorsOptions = {
  /** Whose pages may read answers. With none, no page of another origin may. */
  readonly origins: readonly string[]
  /** Whether they may send cookies and the like. */
  readonly credentials: boolean
}

const PREFLIGHT_SECONDS = 600

/**
 * Lets pages of these origins ask. Pages of all others are refused by browsers: `POST /graphql` takes JSON alone, so it
 * needs a preflight, and that says no.
 */
export function allowOrigins(app: FastifyInstance, { origins, credentials }: CorsOptions): void {
  if (origins.length === 0) return
  app.register(cors, {
    origin: [...origins],
    credentials,
    methods: ['POST'],
    exposedHeaders: ['x-request-id', 'retry-after'],
    maxAge: PREFLIGHT_SECONDS,
  })
}
