import { COMMON_ERRORS, serviceError } from '@bulkhead/service/errors'
import { requireBearer, type SecretCheck } from '@bulkhead/service/secrets'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import {
  type PublishedSnapshot,
  type SnapshotService,
  unknownSnapshotVersion,
} from '../services/snapshot-service.ts'

const querySchema = z.object({
  version: z
    .string()
    .regex(/^[1-9]\d{0,14}$/)
    .transform(Number)
    .optional(),
})

/** `private`, because the answer needs a credential. */
const REVALIDATE = 'private, no-cache'
const IMMUTABLE = 'private, max-age=31536000, immutable'

/**
 * `GET /v1/snapshot`, bearer `snapshot:read`: the newest snapshot from memory, or with `?version=` the snapshot of
 * that version, which never changes.
 *
 * 200 AssignmentSnapshot v1 with a strong ETag, 304 on If-None-Match, 400 for a version that is not a number, 401,
 * 404 UNKNOWN_SNAPSHOT_VERSION, 503 DATASTORE_UNAVAILABLE (only with a version).
 */
export function addSnapshotRoute(
  app: FastifyInstance,
  options: {
    readonly snapshots: Pick<SnapshotService, 'current' | 'byVersions'>
    readonly check: SecretCheck
  },
): void {
  const { snapshots, check } = options
  app.get('/v1/snapshot', { onRequest: requireBearer(check) }, async (request, reply) => {
    const query = querySchema.safeParse(request.query)
    if (!query.success) {
      throw serviceError(COMMON_ERRORS.BAD_REQUEST, '`version` must be a whole number of at least 1.')
    }
    const { version } = query.data
    if (version === undefined) return answer(request, reply, snapshots.current(), REVALIDATE)
    const published = (await snapshots.byVersions([version])).get(version)
    if (published === undefined) throw unknownSnapshotVersion(version)
    return answer(request, reply, published, IMMUTABLE)
  })
}

function answer(request: FastifyRequest, reply: FastifyReply, published: PublishedSnapshot, caching: string) {
  reply.headers({ etag: published.etag, 'cache-control': caching })
  if (matches(request.headers['if-none-match'], published.etag)) return reply.code(304).send()
  return reply.type('application/json; charset=utf-8').send(published.body)
}

/** RFC 9110, 13.1.2: a list compared weakly, or `*` for any. No tag of ours holds a comma. */
function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false
  const tags = ifNoneMatch.split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  return tags.includes('*') || tags.includes(etag)
}
