import type { CodegenConfig } from '@graphql-codegen/cli'

const config: CodegenConfig = {
  schema: 'src/schema.graphql',
  generates: {
    'src/graphql/resolver-types.generated.ts': {
      plugins: ['typescript', 'typescript-resolvers'],
      config: {
        federation: true,
        enumsAsTypes: true,
        useTypeImports: true,
        importExtension: '.ts',
        skipTypename: true,
        immutableTypes: true,
        // An input field with a default is always there when a resolver sees it.
        avoidOptionals: { defaultValue: true },
        contextType: './context.ts#GraphqlContext',
        scalars: { ID: 'string', DateTime: 'number', JSON: 'unknown' },
        mappers: {
          Assignment: './parents.ts#AssignmentParent',
          Experiment: '../domain/experiment.ts#Experiment as ExperimentParent',
          ExperimentConnection: './parents.ts#ExperimentConnectionParent',
          Exposure: '../services/exposure-service.ts#Exposure as ExposureParent',
          ModelVersion: './parents.ts#ModelVersionParent',
          RecommendationSlate: './parents.ts#SlateParent',
          User: './parents.ts#UserParent',
          Variant: '../domain/experiment.ts#Variant as VariantParent',
        },
      },
    },
  },
}

export default config
