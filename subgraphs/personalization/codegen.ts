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
        useTypeImports: true,
        enumType: 'string-literal',
        enumsAsTypes: true,
        immutableTypes: true,
        strictScalars: true,
        defaultScalarType: 'unknown',
        scalars: {
          ID: 'string',
          DateTime: 'number',
          JSON: 'unknown',
          _FieldSet: 'string',
        },
        contextType: './context.ts#GraphqlContext',
        mappers: {
          RecommendationSlate: '../domain/slate.ts#Slate',
          ServedBy: '../domain/slate.ts#Slate',
        },
      },
    },
  },
}

export default config
