import type { FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify'
import type { Authenticate } from '../identity/authenticate.ts'
import type { Caller } from '../identity/caller.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Null for anonymous. */
    caller: Caller | null
  }
}

/** An `onRequest` hook that sets `request.caller`. @param refuse answers a request whose token is not valid */
export function authenticationHook(
  authenticate: Authenticate,
  refuse: (error: unknown, request: FastifyRequest, reply: FastifyReply) => void,
): onRequestHookHandler {
  return (request, reply, done) => {
    try {
      const caller = authenticate(request.headers)
      if (!(caller instanceof Promise)) {
        request.caller = caller
        return done()
      }
      caller
        .then(
          (verified) => {
            request.caller = verified
            done()
          },
          (error: unknown) => refuse(error, request, reply),
        )
        // Nothing above this promise would catch what a defect throws here, and the process would end.
        .catch((error: unknown) => {
          request.log.error({ requestId: request.id, err: error }, 'request failed')
          reply.raw.destroy()
        })
    } catch (error) {
      refuse(error, request, reply)
    }
  }
}
