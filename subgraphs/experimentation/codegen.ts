import type { CodegenConfig } from '@graphql-codegen/cli'

/** `npm run codegen`: resolver types from the SDL. Parents are the domain's types; nothing is copied on the way. */
const config: CodegenConfig = {
  schema: 'src/schema.graphql',
  emitLegacyCommonJSImports: false,
  importExtension: '.ts',
  generates: {
    'src/graphql/resolver-types.generated.ts': {
      plugins: ['typescript', 'typescript-resolvers'],
      config: {
        federation: true,
        enumsAsTypes: true,
        useTypeImports: true,
        skipTypename: true,
        immutableTypes: true,
        // An input field with a default is always there when a resolver sees it.
        avoidOptionals: { defaultValue: true },
        // A nullable list element may be a promise of null, as a loader gives it.
        maybeValue: 'T extends PromiseLike<infer U> ? Promise<U | null> : T | null',
        inputMaybeValue: 'T | null',
        strictScalars: true,
        defaultScalarType: 'unknown',
        scalars: {
          ID: 'string',
          DateTime: 'number',
          JSON: 'unknown',
          // Federation's own, which the plugin adds to the schema.
          _FieldSet: 'string',
        },
        contextType: './context.ts#GraphqlContext',
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
