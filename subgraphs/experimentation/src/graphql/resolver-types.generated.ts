import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
import type { AssignmentParent, ExperimentConnectionParent, ModelVersionParent, SlateParent, UserParent } from './parents.ts';
import type { Experiment as ExperimentParent, Variant as VariantParent } from '../domain/experiment.ts';
import type { Exposure as ExposureParent } from '../services/exposure-service.ts';
import type { GraphqlContext } from './context.ts';
export type Maybe<T> = T extends PromiseLike<infer U> ? Promise<U | null> : T | null;
export type InputMaybe<T> = T | null;
export type Omit<T, K extends keyof T> = Pick<T, Exclude<keyof T, K>>;
export type RequireFields<T, K extends keyof T> = Omit<T, K> & { [P in K]-?: NonNullable<T[P]> };
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
  /** An instant in UTC, RFC 3339 with milliseconds. */
  DateTime: { input: number; output: number; }
  /** Any JSON value. */
  JSON: { input: unknown; output: unknown; }
  _FieldSet: { input: string; output: string; }
};

export type Assignment = {
  /** The unit's position in [0, 1). */
  readonly bucket?: Maybe<Scalars['Float']['output']>;
  readonly experiment?: Maybe<Experiment>;
  readonly experimentKey: Scalars['ID']['output'];
  readonly included: Scalars['Boolean']['output'];
  readonly reason: AssignmentReason;
  readonly snapshotVersion: Scalars['Int']['output'];
  /** Null when not included. */
  readonly variant?: Maybe<Variant>;
  readonly variantKey?: Maybe<Scalars['ID']['output']>;
};

export type AssignmentReason =
  | 'BUCKETED'
  | 'COVERAGE'
  | 'FORCED'
  | 'HOLDOUT'
  | 'LAYER'
  | 'NOT_RUNNING'
  | 'TARGETING'
  | 'UNSUPPORTED';

export type CreateExperimentInput = {
  readonly coverage: Scalars['Float']['input'];
  readonly exposureTrigger: ExposureTrigger;
  readonly hypothesis: Scalars['String']['input'];
  readonly key: Scalars['ID']['input'];
  readonly name: Scalars['String']['input'];
  readonly owner: Scalars['String']['input'];
  readonly surfaces: ReadonlyArray<Scalars['String']['input']>;
  readonly unitType: Scalars['String']['input'];
  readonly variants: ReadonlyArray<VariantInput>;
};

export type Experiment = {
  /** Share of the units that may enter, 0 to 1. */
  readonly coverage: Scalars['Float']['output'];
  readonly createdAt: Scalars['DateTime']['output'];
  /** `unknown` where it was created before this was recorded. */
  readonly createdBy: Scalars['String']['output'];
  /** Leaves out units that are forced for QA. Includes slates that were served on a lower rung. */
  readonly exposureCounts?: Maybe<ReadonlyArray<ExposureCount>>;
  readonly exposureTrigger: ExposureTrigger;
  readonly hypothesis: Scalars['String']['output'];
  readonly key: Scalars['ID']['output'];
  readonly name: Scalars['String']['output'];
  readonly owner: Scalars['String']['output'];
  /** Counts every accepted change. Send it with a change, which is refused if another change came first. */
  readonly revision: Scalars['Int']['output'];
  readonly startedAt?: Maybe<Scalars['DateTime']['output']>;
  readonly status: ExperimentStatus;
  readonly stoppedAt?: Maybe<Scalars['DateTime']['output']>;
  /** Where it may be triggered; empty means everywhere. */
  readonly surfaces: ReadonlyArray<Scalars['String']['output']>;
  /** What is randomised, such as userId. */
  readonly unitType: Scalars['String']['output'];
  readonly variants: ReadonlyArray<Variant>;
  /** Counts the changes that alter assignment. */
  readonly version: Scalars['Int']['output'];
};


export type ExperimentExposureCountsArgs = {
  groupBy: ReadonlyArray<ExposureGroup>;
};

export type ExperimentActionInput = {
  readonly key: Scalars['ID']['input'];
  readonly reason: Scalars['String']['input'];
  readonly revision: Scalars['Int']['input'];
};

export type ExperimentConnection = {
  readonly edges: ReadonlyArray<ExperimentEdge>;
  readonly nodes: ReadonlyArray<Experiment>;
  readonly pageInfo: PageInfo;
  readonly totalCount: Scalars['Int']['output'];
};

export type ExperimentEdge = {
  readonly cursor: Scalars['String']['output'];
  readonly node: Experiment;
};

export type ExperimentFilter = {
  readonly createdAfter?: InputMaybe<Scalars['DateTime']['input']>;
  readonly createdBefore?: InputMaybe<Scalars['DateTime']['input']>;
  readonly keys?: InputMaybe<ReadonlyArray<Scalars['ID']['input']>>;
  /** Experiments with a variant that serves this model version. */
  readonly modelVersionId?: InputMaybe<Scalars['ID']['input']>;
  readonly nameContains?: InputMaybe<Scalars['String']['input']>;
  readonly owner?: InputMaybe<Scalars['String']['input']>;
  readonly statuses?: InputMaybe<ReadonlyArray<ExperimentStatus>>;
};

export type ExperimentOrder = {
  readonly direction: OrderDirection;
  readonly field: ExperimentOrderField;
};

export type ExperimentOrderField =
  | 'CREATED_AT'
  | 'KEY'
  | 'STARTED_AT';

export type ExperimentPayload = {
  readonly errors: ReadonlyArray<UserError>;
  readonly experiment?: Maybe<Experiment>;
};

export type ExperimentStatus =
  | 'DRAFT'
  | 'PAUSED'
  | 'RUNNING'
  | 'STOPPED';

export type Exposure = {
  /** False if the variant had no effect: its payload was invalid, its model was missing, or a lower rung was served. */
  readonly applied: Scalars['Boolean']['output'];
  readonly experiment?: Maybe<Experiment>;
  readonly experimentKey: Scalars['ID']['output'];
  /** Null while PENDING. */
  readonly occurredAt?: Maybe<Scalars['DateTime']['output']>;
  /** Null while PENDING. */
  readonly recordedAt?: Maybe<Scalars['DateTime']['output']>;
  readonly snapshotVersion: Scalars['Int']['output'];
  readonly status: ExposureStatus;
  readonly unit: Scalars['ID']['output'];
  /** As in the snapshot of the slate. */
  readonly variant?: Maybe<Variant>;
  readonly variantKey: Scalars['ID']['output'];
};

/** A dimension that was not grouped by is null. */
export type ExposureCount = {
  /** What was ingested by then is counted. */
  readonly asOf: Scalars['DateTime']['output'];
  /** UTC day. */
  readonly day?: Maybe<Scalars['DateTime']['output']>;
  readonly exposures: Scalars['Int']['output'];
  readonly rung?: Maybe<Scalars['String']['output']>;
  readonly surface?: Maybe<Scalars['String']['output']>;
  /** Distinct units. */
  readonly units: Scalars['Int']['output'];
  readonly variantKey?: Maybe<Scalars['ID']['output']>;
};

export type ExposureGroup =
  | 'DAY'
  | 'RUNG'
  | 'SURFACE'
  | 'VARIANT';

export type ExposureStatus =
  /** Its trigger event is not stored, and would be refused as too old by now. */
  | 'EXPIRED'
  /** Assigned, but its trigger event is not stored yet. */
  | 'PENDING'
  | 'RECORDED'
  /** Refused by ingest or dead-lettered. */
  | 'REJECTED';

export type ExposureTrigger =
  /** Exposed when an item of the slate is first seen (an IMPRESSION that names the slate). */
  | 'IMPRESSION'
  /** Exposed when the slate is served. */
  | 'SERVE';

export type ModelVersion = {
  readonly id: Scalars['ID']['output'];
};

export type Mutation = {
  readonly createExperiment?: Maybe<ExperimentPayload>;
  /** The kill switch: stops including units at once. */
  readonly pauseExperiment?: Maybe<ExperimentPayload>;
  readonly resumeExperiment?: Maybe<ExperimentPayload>;
  readonly startExperiment?: Maybe<ExperimentPayload>;
  /** Closes the data. Units keep their variants until the decision, so that nobody's experience changes. */
  readonly stopExperiment?: Maybe<ExperimentPayload>;
};


export type MutationCreateExperimentArgs = {
  input: CreateExperimentInput;
};


export type MutationPauseExperimentArgs = {
  input: ExperimentActionInput;
};


export type MutationResumeExperimentArgs = {
  input: ExperimentActionInput;
};


export type MutationStartExperimentArgs = {
  input: ExperimentActionInput;
};


export type MutationStopExperimentArgs = {
  input: ExperimentActionInput;
};

export type OrderDirection =
  | 'ASC'
  | 'DESC';

export type PageInfo = {
  readonly endCursor?: Maybe<Scalars['String']['output']>;
  readonly hasNextPage: Scalars['Boolean']['output'];
  readonly hasPreviousPage: Scalars['Boolean']['output'];
  readonly startCursor?: Maybe<Scalars['String']['output']>;
};

export type Query = {
  /** The assignments of a unit in the newest snapshot, or in the one of this version: a pure function of snapshot, unit and attributes. */
  readonly assignments?: Maybe<ReadonlyArray<Assignment>>;
  readonly experiment?: Maybe<Experiment>;
  readonly experiments?: Maybe<ExperimentConnection>;
};


export type QueryAssignmentsArgs = {
  attributes?: InputMaybe<Scalars['JSON']['input']>;
  snapshotVersion?: InputMaybe<Scalars['Int']['input']>;
  unit: Scalars['ID']['input'];
};


export type QueryExperimentArgs = {
  key: Scalars['ID']['input'];
};


export type QueryExperimentsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<ExperimentFilter>;
  first: Scalars['Int']['input'];
  orderBy: ExperimentOrder;
};

export type RecommendationSlate = {
  readonly exposureContext: Scalars['String']['output'];
  /** Null if experimentation did not answer in time; the rest of the slate is valid without it. */
  readonly exposures?: Maybe<ReadonlyArray<Exposure>>;
  readonly id: Scalars['ID']['output'];
};

export type User = {
  readonly assignments?: Maybe<ReadonlyArray<Assignment>>;
  readonly id: Scalars['ID']['output'];
};


export type UserAssignmentsArgs = {
  attributes?: InputMaybe<Scalars['JSON']['input']>;
};

/** A refusal that the caller can act on. Outages and missing rights are top-level GraphQL errors instead. */
export type UserError = {
  /** Stable, from docs/errors.md. */
  readonly code: Scalars['String']['output'];
  readonly message: Scalars['String']['output'];
  /** Where in the input, such as ["interactions", "3", "itemId"]. */
  readonly path: ReadonlyArray<Scalars['String']['output']>;
};

export type Variant = {
  readonly isControl: Scalars['Boolean']['output'];
  readonly key: Scalars['ID']['output'];
  /** The model version that the payload names. */
  readonly modelVersion?: Maybe<ModelVersion>;
  readonly name: Scalars['String']['output'];
  /** ServingPayload v1. */
  readonly payload?: Maybe<Scalars['JSON']['output']>;
  readonly weight: Scalars['Float']['output'];
};

export type VariantInput = {
  readonly isControl: Scalars['Boolean']['input'];
  readonly key: Scalars['ID']['input'];
  readonly name: Scalars['String']['input'];
  /** ServingPayload v1. */
  readonly payload?: InputMaybe<Scalars['JSON']['input']>;
  readonly weight: Scalars['Float']['input'];
};



export type ResolverTypeWrapper<T> = Promise<T> | T;

export type ReferenceResolver<TResult, TReference, TContext> = (
      reference: TReference,
      context: TContext,
      info: GraphQLResolveInfo
    ) => Promise<TResult> | TResult;

      type ScalarCheck<T, S> = S extends true ? T : NullableCheck<T, S>;
      type NullableCheck<T, S> = Maybe<T> extends T ? Maybe<ListCheck<NonNullable<T>, S>> : ListCheck<T, S>;
      type ListCheck<T, S> = T extends (infer U)[] ? NullableCheck<U, S>[] : GraphQLRecursivePick<T, S>;
      export type GraphQLRecursivePick<T, S> = { [K in keyof T & keyof S]: ScalarCheck<T[K], S[K]> };
    

export type ResolverWithResolve<TResult, TParent, TContext, TArgs> = {
  resolve: ResolverFn<TResult, TParent, TContext, TArgs>;
};
export type Resolver<TResult, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = ResolverFn<TResult, TParent, TContext, TArgs> | ResolverWithResolve<TResult, TParent, TContext, TArgs>;

export type ResolverFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => Promise<TResult> | TResult;

export type SubscriptionSubscribeFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => AsyncIterable<TResult> | Promise<AsyncIterable<TResult>>;

export type SubscriptionResolveFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;

export interface SubscriptionSubscriberObject<TResult, TKey extends string, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<{ [key in TKey]: TResult }, TParent, TContext, TArgs>;
  resolve?: SubscriptionResolveFn<TResult, { [key in TKey]: TResult }, TContext, TArgs>;
}

export interface SubscriptionResolverObject<TResult, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<any, TParent, TContext, TArgs>;
  resolve: SubscriptionResolveFn<TResult, any, TContext, TArgs>;
}

export type SubscriptionObject<TResult, TKey extends string, TParent, TContext, TArgs> =
  | SubscriptionSubscriberObject<TResult, TKey, TParent, TContext, TArgs>
  | SubscriptionResolverObject<TResult, TParent, TContext, TArgs>;

export type SubscriptionResolver<TResult, TKey extends string, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> =
  | ((...args: any[]) => SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>)
  | SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>;

export type TypeResolveFn<TTypes, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (
  parent: TParent,
  context: TContext,
  info: GraphQLResolveInfo
) => Maybe<TTypes> | Promise<Maybe<TTypes>>;

export type IsTypeOfResolverFn<T = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (obj: T, context: TContext, info: GraphQLResolveInfo) => boolean | Promise<boolean>;

export type NextResolverFn<T> = () => Promise<T>;

export type DirectiveResolverFn<TResult = Record<PropertyKey, never>, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = (
  next: NextResolverFn<TResult>,
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;

/** Mapping of federation types */
export type FederationTypes = {
  Experiment: Experiment;
  RecommendationSlate: RecommendationSlate;
  User: User;
};

/** Mapping of federation reference types */
export type FederationReferenceTypes = {
  Experiment:
    ( { __typename: 'Experiment' }
    & GraphQLRecursivePick<FederationTypes['Experiment'], {"key":true}> );
  RecommendationSlate:
    ( { __typename: 'RecommendationSlate' }
    & GraphQLRecursivePick<FederationTypes['RecommendationSlate'], {"id":true,"exposureContext":true}> );
  User:
    ( { __typename: 'User' }
    & GraphQLRecursivePick<FederationTypes['User'], {"id":true}> );
};



/** Mapping between all available schema types and the resolvers types */
export type ResolversTypes = {
  Assignment: ResolverTypeWrapper<AssignmentParent>;
  Float: ResolverTypeWrapper<Scalars['Float']['output']>;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
  AssignmentReason: AssignmentReason;
  CreateExperimentInput: CreateExperimentInput;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
  DateTime: ResolverTypeWrapper<Scalars['DateTime']['output']>;
  Experiment: ResolverTypeWrapper<ExperimentParent>;
  ExperimentActionInput: ExperimentActionInput;
  ExperimentConnection: ResolverTypeWrapper<ExperimentConnectionParent>;
  ExperimentEdge: ResolverTypeWrapper<Omit<ExperimentEdge, 'node'> & { node: ResolversTypes['Experiment'] }>;
  ExperimentFilter: ExperimentFilter;
  ExperimentOrder: ExperimentOrder;
  ExperimentOrderField: ExperimentOrderField;
  ExperimentPayload: ResolverTypeWrapper<Omit<ExperimentPayload, 'experiment'> & { experiment?: Maybe<ResolversTypes['Experiment']> }>;
  ExperimentStatus: ExperimentStatus;
  Exposure: ResolverTypeWrapper<ExposureParent>;
  ExposureCount: ResolverTypeWrapper<ExposureCount>;
  ExposureGroup: ExposureGroup;
  ExposureStatus: ExposureStatus;
  ExposureTrigger: ExposureTrigger;
  JSON: ResolverTypeWrapper<Scalars['JSON']['output']>;
  ModelVersion: ResolverTypeWrapper<ModelVersionParent>;
  Mutation: ResolverTypeWrapper<Record<PropertyKey, never>>;
  OrderDirection: OrderDirection;
  PageInfo: ResolverTypeWrapper<PageInfo>;
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  RecommendationSlate: ResolverTypeWrapper<SlateParent>;
  User: ResolverTypeWrapper<UserParent>;
  UserError: ResolverTypeWrapper<UserError>;
  Variant: ResolverTypeWrapper<VariantParent>;
  VariantInput: VariantInput;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  Assignment: AssignmentParent;
  Float: Scalars['Float']['output'];
  ID: Scalars['ID']['output'];
  Boolean: Scalars['Boolean']['output'];
  Int: Scalars['Int']['output'];
  CreateExperimentInput: CreateExperimentInput;
  String: Scalars['String']['output'];
  DateTime: Scalars['DateTime']['output'];
  Experiment: ExperimentParent;
  ExperimentActionInput: ExperimentActionInput;
  ExperimentConnection: ExperimentConnectionParent;
  ExperimentEdge: Omit<ExperimentEdge, 'node'> & { node: ResolversParentTypes['Experiment'] };
  ExperimentFilter: ExperimentFilter;
  ExperimentOrder: ExperimentOrder;
  ExperimentPayload: Omit<ExperimentPayload, 'experiment'> & { experiment?: Maybe<ResolversParentTypes['Experiment']> };
  Exposure: ExposureParent;
  ExposureCount: ExposureCount;
  JSON: Scalars['JSON']['output'];
  ModelVersion: ModelVersionParent;
  Mutation: Record<PropertyKey, never>;
  PageInfo: PageInfo;
  Query: Record<PropertyKey, never>;
  RecommendationSlate: SlateParent;
  User: UserParent;
  UserError: UserError;
  Variant: VariantParent;
  VariantInput: VariantInput;
};

export type AssignmentResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Assignment'] = ResolversParentTypes['Assignment']> = {
  bucket?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  experiment?: Resolver<Maybe<ResolversTypes['Experiment']>, ParentType, ContextType>;
  experimentKey?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  included?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  reason?: Resolver<ResolversTypes['AssignmentReason'], ParentType, ContextType>;
  snapshotVersion?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  variant?: Resolver<Maybe<ResolversTypes['Variant']>, ParentType, ContextType>;
  variantKey?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
};

export interface DateTimeScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['DateTime'], any> {
  name: 'DateTime';
}

export type ExperimentResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Experiment'] = ResolversParentTypes['Experiment'], FederationReferenceType extends FederationReferenceTypes['Experiment'] = FederationReferenceTypes['Experiment']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['Experiment']> | FederationReferenceType, FederationReferenceType, ContextType>;
  coverage?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  createdBy?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  exposureCounts?: Resolver<Maybe<ReadonlyArray<ResolversTypes['ExposureCount']>>, ParentType, ContextType, RequireFields<ExperimentExposureCountsArgs, 'groupBy'>>;
  exposureTrigger?: Resolver<ResolversTypes['ExposureTrigger'], ParentType, ContextType>;
  hypothesis?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  key?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  owner?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  revision?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  startedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  status?: Resolver<ResolversTypes['ExperimentStatus'], ParentType, ContextType>;
  stoppedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  surfaces?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  unitType?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  variants?: Resolver<ReadonlyArray<ResolversTypes['Variant']>, ParentType, ContextType>;
  version?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type ExperimentConnectionResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['ExperimentConnection'] = ResolversParentTypes['ExperimentConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['ExperimentEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['Experiment']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type ExperimentEdgeResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['ExperimentEdge'] = ResolversParentTypes['ExperimentEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Experiment'], ParentType, ContextType>;
};

export type ExperimentPayloadResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['ExperimentPayload'] = ResolversParentTypes['ExperimentPayload']> = {
  errors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
  experiment?: Resolver<Maybe<ResolversTypes['Experiment']>, ParentType, ContextType>;
};

export type ExposureResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Exposure'] = ResolversParentTypes['Exposure']> = {
  applied?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  experiment?: Resolver<Maybe<ResolversTypes['Experiment']>, ParentType, ContextType>;
  experimentKey?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  occurredAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  recordedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  snapshotVersion?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  status?: Resolver<ResolversTypes['ExposureStatus'], ParentType, ContextType>;
  unit?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  variant?: Resolver<Maybe<ResolversTypes['Variant']>, ParentType, ContextType>;
  variantKey?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
};

export type ExposureCountResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['ExposureCount'] = ResolversParentTypes['ExposureCount']> = {
  asOf?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  day?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  exposures?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  rung?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  surface?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  units?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  variantKey?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
};

export interface JsonScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['JSON'], any> {
  name: 'JSON';
}

export type ModelVersionResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['ModelVersion'] = ResolversParentTypes['ModelVersion']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
};

export type MutationResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Mutation'] = ResolversParentTypes['Mutation']> = {
  createExperiment?: Resolver<Maybe<ResolversTypes['ExperimentPayload']>, ParentType, ContextType, RequireFields<MutationCreateExperimentArgs, 'input'>>;
  pauseExperiment?: Resolver<Maybe<ResolversTypes['ExperimentPayload']>, ParentType, ContextType, RequireFields<MutationPauseExperimentArgs, 'input'>>;
  resumeExperiment?: Resolver<Maybe<ResolversTypes['ExperimentPayload']>, ParentType, ContextType, RequireFields<MutationResumeExperimentArgs, 'input'>>;
  startExperiment?: Resolver<Maybe<ResolversTypes['ExperimentPayload']>, ParentType, ContextType, RequireFields<MutationStartExperimentArgs, 'input'>>;
  stopExperiment?: Resolver<Maybe<ResolversTypes['ExperimentPayload']>, ParentType, ContextType, RequireFields<MutationStopExperimentArgs, 'input'>>;
};

export type PageInfoResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['PageInfo'] = ResolversParentTypes['PageInfo']> = {
  endCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  hasNextPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  hasPreviousPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  startCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type QueryResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Query'] = ResolversParentTypes['Query']> = {
  assignments?: Resolver<Maybe<ReadonlyArray<ResolversTypes['Assignment']>>, ParentType, ContextType, RequireFields<QueryAssignmentsArgs, 'unit'>>;
  experiment?: Resolver<Maybe<ResolversTypes['Experiment']>, ParentType, ContextType, RequireFields<QueryExperimentArgs, 'key'>>;
  experiments?: Resolver<Maybe<ResolversTypes['ExperimentConnection']>, ParentType, ContextType, RequireFields<QueryExperimentsArgs, 'first' | 'orderBy'>>;
};

export type RecommendationSlateResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['RecommendationSlate'] = ResolversParentTypes['RecommendationSlate'], FederationReferenceType extends FederationReferenceTypes['RecommendationSlate'] = FederationReferenceTypes['RecommendationSlate']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['RecommendationSlate']> | FederationReferenceType, FederationReferenceType, ContextType>;
  exposureContext?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  exposures?: Resolver<Maybe<ReadonlyArray<ResolversTypes['Exposure']>>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
};

export type UserResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['User'] = ResolversParentTypes['User'], FederationReferenceType extends FederationReferenceTypes['User'] = FederationReferenceTypes['User']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['User']> | FederationReferenceType, FederationReferenceType, ContextType>;
  assignments?: Resolver<Maybe<ReadonlyArray<ResolversTypes['Assignment']>>, ParentType, ContextType, Partial<UserAssignmentsArgs>>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
};

export type UserErrorResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['UserError'] = ResolversParentTypes['UserError']> = {
  code?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  message?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  path?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
};

export type VariantResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Variant'] = ResolversParentTypes['Variant']> = {
  isControl?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  key?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  modelVersion?: Resolver<Maybe<ResolversTypes['ModelVersion']>, ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  payload?: Resolver<Maybe<ResolversTypes['JSON']>, ParentType, ContextType>;
  weight?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
};

export type Resolvers<ContextType = GraphqlContext> = {
  Assignment?: AssignmentResolvers<ContextType>;
  DateTime?: GraphQLScalarType;
  Experiment?: ExperimentResolvers<ContextType>;
  ExperimentConnection?: ExperimentConnectionResolvers<ContextType>;
  ExperimentEdge?: ExperimentEdgeResolvers<ContextType>;
  ExperimentPayload?: ExperimentPayloadResolvers<ContextType>;
  Exposure?: ExposureResolvers<ContextType>;
  ExposureCount?: ExposureCountResolvers<ContextType>;
  JSON?: GraphQLScalarType;
  ModelVersion?: ModelVersionResolvers<ContextType>;
  Mutation?: MutationResolvers<ContextType>;
  PageInfo?: PageInfoResolvers<ContextType>;
  Query?: QueryResolvers<ContextType>;
  RecommendationSlate?: RecommendationSlateResolvers<ContextType>;
  User?: UserResolvers<ContextType>;
  UserError?: UserErrorResolvers<ContextType>;
  Variant?: VariantResolvers<ContextType>;
};

