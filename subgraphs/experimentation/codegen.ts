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
        contextType: './context.ts#RequestContext',
        scalars: { ID: 'string', DateTime: 'number', JSON: 'unknown' },
        mappers: {
          Assignment: './models.ts#AssignmentModel',
          Experiment: '../domain/experiment.ts#Experiment as ExperimentModel',
          ExperimentConnection: './models.ts#ExperimentConnectionParent',
          Exposure: '../services/exposure-service.ts#Exposure as ExposureModel',
          ModelVersion: './models.ts#ModelVersionReference',
          RecommendationSlate: './models.ts#SlateReference',
          User: './models.ts#UserReference',
          Variant: '../domain/experiment.ts#Variant as VariantModel',
        },
      },
    },
  },
}

export default config
