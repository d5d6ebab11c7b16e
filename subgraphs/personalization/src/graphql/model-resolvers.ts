import { parseIdentifier } from './arguments.ts'
import { modelVersionConnection } from './connections.ts'
import { byReference } from './references.ts'
import type { Resolvers } from './resolver-types.generated.ts'

export const modelResolvers = {
  Query: {
    modelVersion: (_, { id }, { loaders }) => loaders.modelVersions.load(parseIdentifier('id', id)),
    modelVersions: (_, args, { reader }) => modelVersionConnection(args, reader),
  },

  ModelVersion: {
    __resolveReference: ({ id }, { loaders }) =>
      byReference(id, (known) => loaders.modelVersions.load(known)),
    shadow: ({ id }, _, { loaders }) => loaders.shadowReports.load(id),
  },
} satisfies Partial<Resolvers>
