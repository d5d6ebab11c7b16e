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
          CanaryReport: '../domain/canary/canary-report.ts#CanaryReport as CanaryReportParent',
          EvaluationReport: '../domain/model-path/model-evaluation.ts#ModelEvaluation',
          Interaction: '../domain/interaction.ts#Interaction as InteractionParent',
          Item: '../domain/item.ts#Item as ItemParent',
          ItemConnection: './parents.ts#ItemConnectionParent',
          ModelVersion: '../domain/model-version.ts#ModelVersion as ModelVersionParent',
          ModelVersionConnection: './parents.ts#ModelVersionConnectionParent',
          Reason: '../domain/slate.ts#Reason as ReasonParent',
          RecommendationSlate: '../domain/slate.ts#Slate',
          RecommendedItemConnection: './parents.ts#RecommendedItemConnectionParent',
          RecommendedItemEdge: './parents.ts#RecommendedItemParent',
          Refresh: '../domain/model-version.ts#Refresh as RefreshParent',
          StageEvidence: '../domain/model-version.ts#StageEvidence as StageEvidenceParent',
          ShadowReport: '../domain/shadow/shadow-report.ts#ShadowReport as ShadowReportParent',
          StageChange: '../domain/model-version.ts#StageChange as StageChangeParent',
          SimilarItem: '../domain/pipeline/similar-items.ts#SimilarItem as SimilarItemParent',
          User: './parents.ts#UserParent',
        },
      },
    },
  },
}

export default config
