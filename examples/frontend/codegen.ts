import { readFileSync } from 'node:fs'
import { buildSupergraph } from '@bulkhead/gateway/supergraph/supergraph'
import type { CodegenConfig } from '@graphql-codegen/cli'
import { printSchema } from 'graphql'

const supergraph = buildSupergraph(
  readFileSync(new URL('../../schema/supergraph.graphql', import.meta.url), 'utf8'),
)

/** `npm run codegen`: types of what each operation answers. In a repo of your own, `schema` is the gateway's URL. */
const config: CodegenConfig = {
  schema: printSchema(supergraph.schema),
  documents: 'src/*.graphql',
  generates: {
    'src/home.generated.ts': {
      plugins: ['typescript-operations', 'typed-document-node'],
      config: {
        documentNodeImport: '@apollo/client#TypedDocumentNode',
        useTypeImports: true,
        immutableTypes: true,
        scalars: { DateTime: 'string', JSON: 'unknown' },
      },
    },
  },
}

export default config
