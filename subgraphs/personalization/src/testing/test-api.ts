import { graphql } from 'graphql'
import type { PersonalizationStore } from '../datastore/port.ts'
import { createContext } from '../graphql/context.ts'
import { loadSchema } from '../graphql/schema.ts'
import type { ModelPathService } from '../services/model-path-service.ts'
import { createReader } from '../services/reader.ts'

function absent(): never {
  throw new Error('this test asks for models only')
}

/** Answers GraphQL requests for models as the service would, to somebody who may do everything with them. */
export async function createTestApi({
  store,
  modelPath,
}: {
  readonly store: PersonalizationStore
  readonly modelPath: ModelPathService
}): Promise<typeof globalThis.fetch> {
  const schema = await loadSchema()
  const reader = createReader({
    store,
    catalogue: { findItems: absent, countItems: absent },
    index: { itemById: () => undefined },
    models: { inMemory: () => null },
    deadlineMs: 60_000,
  })
  const services = {
    recommendations: { recommend: absent, similarItems: absent },
    interactions: { recordInteractions: absent },
    erasures: { erase: absent },
    qaOverrides: { read: absent },
    reader,
    modelPath,
  }
  const identity = { subject: 'tester', scopes: new Set(['models:read', 'models:write']) }
  return async (_, init) => {
    const { query, variables } = JSON.parse(String(init?.body))
    const contextValue = createContext(services, identity)
    const result = await graphql({ schema, source: query, variableValues: variables, contextValue })
    return new Response(JSON.stringify(result), { headers: { 'content-type': 'application/json' } })
  }
}
