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
          Analysis: '../services/analyses/recorded-analysis.ts#AnalysisRecord as AnalysisParent',
          AnalysisConnection: './parents.ts#AnalysisConnectionParent',
          AnalysisPlan: '../domain/plan/analysis-plan.ts#AnalysisPlan as AnalysisPlanParent',
          Assignment: './parents.ts#AssignmentParent',
          AuditConnection: './parents.ts#AuditConnectionParent',
          AuditEntry: '../domain/audit/entry.ts#AuditEntry as AuditEntryParent',
          BootstrapDecision: '../domain/governance/bootstrap.ts#Bootstrap as BootstrapDecisionParent',
          Decision: './parents.ts#DecisionParent',
          DecisionConnection: './parents.ts#DecisionConnectionParent',
          Experiment: '../domain/experiment.ts#Experiment as ExperimentParent',
          ExperimentConnection: './parents.ts#ExperimentConnectionParent',
          ExperimentMetric: '../domain/plan/metric.ts#ExperimentMetric as ExperimentMetricParent',
          Exposure: '../services/exposure-service.ts#Exposure as ExposureParent',
          Holdout: '../domain/targeting/definitions.ts#Holdout as HoldoutParent',
          Layer: '../domain/targeting/definitions.ts#Layer as LayerParent',
          LayerAllocation: '../domain/targeting/layer-ranges.ts#LayerAllocation as LayerAllocationParent',
          Metric: '../domain/plan/metric.ts#MetricDefinition as MetricParent',
          MetricConnection: './parents.ts#MetricConnectionParent',
          MetricResult: './parents.ts#MetricResultParent',
          MissingResult: './parents.ts#MissingResultParent',
          ModelVersion: './parents.ts#ModelVersionParent',
          RecommendationSlate: './parents.ts#SlateParent',
          Review: '../domain/governance/review.ts#Review as ReviewParent',
          SavedGroup: '../domain/targeting/definitions.ts#SavedGroup as SavedGroupParent',
          User: './parents.ts#UserParent',
          Variant: '../domain/experiment.ts#Variant as VariantParent',
        },
      },
    },
  },
}

export default config
