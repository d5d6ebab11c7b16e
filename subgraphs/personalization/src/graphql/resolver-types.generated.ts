import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
import type { CanaryReport as CanaryReportParent } from '../domain/canary/canary-report.ts';
import type { ModelEvaluation } from '../domain/model-path/model-evaluation.ts';
import type { Interaction as InteractionParent } from '../domain/interaction.ts';
import type { Item as ItemParent } from '../domain/item.ts';
import type { ItemConnectionParent, ModelVersionConnectionParent, RecommendedItemConnectionParent, RecommendedItemParent, UserParent } from './parents.ts';
import type { ModelVersion as ModelVersionParent, Refresh as RefreshParent, StageEvidence as StageEvidenceParent, StageChange as StageChangeParent } from '../domain/model-version.ts';
import type { Reason as ReasonParent, Slate } from '../domain/slate.ts';
import type { ShadowReport as ShadowReportParent } from '../domain/shadow/shadow-report.ts';
import type { SimilarItem as SimilarItemParent } from '../domain/pipeline/similar-items.ts';
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

/** How the lists of one model came out. */
export type CanaryFigures = {
  /** About how many different items were among the first ten, within 5 %. */
  readonly distinctItems: Scalars['Int']['output'];
  /** Had nothing to recommend, although no filter took it. */
  readonly empty: Scalars['Int']['output'];
  readonly failed: Scalars['Int']['output'];
  /** CPU time of a list, within 5 %. */
  readonly latencyP99Ms: Scalars['Float']['output'];
  /** About how many listeners got them, within 5 %. */
  readonly listeners: Scalars['Int']['output'];
  readonly lists: Scalars['Int']['output'];
};

/**
 * A canary serves a share of listeners (CANARY_SHARE), and as many others get the version in production for comparison, at the
 * same time.
 */
export type CanaryReport = {
  readonly canary: CanaryFigures;
  /** The version in production. */
  readonly champion?: Maybe<ModelVersion>;
  readonly production: CanaryFigures;
};

export type EraseUserInput = {
  readonly userId: Scalars['ID']['input'];
};

/** What was erased when it was answered. */
export type EraseUserPayload = {
  readonly errors: ReadonlyArray<UserError>;
  readonly interactions: Scalars['Int']['output'];
  readonly slates: Scalars['Int']['output'];
};

/** A measure of an offline evaluation, with its interval. */
export type EvaluationMetric = {
  /** Against the champion on the same users; null where there was none. */
  readonly championDelta?: Maybe<Scalars['Float']['output']>;
  /** 95% interval over users; the value itself for metrics of all lists together, such as coverage. */
  readonly lower: Scalars['Float']['output'];
  /** For example ndcg@10. */
  readonly name: Scalars['String']['output'];
  readonly upper: Scalars['Float']['output'];
  readonly value: Scalars['Float']['output'];
};

/** How a version did offline on what its users chose later. */
export type EvaluationReport = {
  /** What it was compared with; null for what is popular, where no version was in production. */
  readonly champion?: Maybe<ModelVersion>;
  readonly createdAt: Scalars['DateTime']['output'];
  /** SHA-256 of the interactions that were stored, as of a version that was trained on them. */
  readonly fingerprint: Scalars['String']['output'];
  /** SHA-256 of the report; the same data, code and seed give the same one. */
  readonly hash: Scalars['String']['output'];
  /** Those that have a value, such as those that need categories where items have them. */
  readonly metrics: ReadonlyArray<EvaluationMetric>;
  /** A whole number. */
  readonly seed: Scalars['String']['output'];
};

/** Something that a user did with an item. */
export type Interaction = {
  readonly eventId: Scalars['ID']['output'];
  /** The creator of whom a HIDE asks to see nothing else; null for every other interaction. */
  readonly hiddenCreator?: Maybe<Scalars['String']['output']>;
  readonly item?: Maybe<Item>;
  readonly itemId: Scalars['ID']['output'];
  readonly occurredAt: Scalars['DateTime']['output'];
  readonly slateId?: Maybe<Scalars['ID']['output']>;
  readonly type: InteractionType;
  readonly value?: Maybe<Scalars['Float']['output']>;
};

export type InteractionConnection = {
  readonly edges: ReadonlyArray<InteractionEdge>;
  readonly nodes: ReadonlyArray<Interaction>;
  readonly pageInfo: PageInfo;
};

export type InteractionEdge = {
  readonly cursor: Scalars['String']['output'];
  readonly node: Interaction;
};

export type InteractionInput = {
  /** Chosen by the client (a UUID); sending it again changes nothing. */
  readonly eventId: Scalars['ID']['input'];
  /**
   * With a HIDE: nothing else of the item's creator is shown either. A later LIKE, or a HIDE without this, of the same
   * item undoes it. An item without a creator is hidden alone.
   */
  readonly hideCreator?: InputMaybe<Scalars['Boolean']['input']>;
  readonly itemId: Scalars['ID']['input'];
  /** Defaults to the time of arrival. */
  readonly occurredAt?: InputMaybe<Scalars['DateTime']['input']>;
  readonly slateId?: InputMaybe<Scalars['ID']['input']>;
  readonly type: InteractionType;
  readonly userId: Scalars['ID']['input'];
  readonly value?: InputMaybe<Scalars['Float']['input']>;
};

/** The interactions that serving understands. */
export type InteractionType =
  | 'CLICK'
  /** The item is not recommended until a later LIKE. */
  | 'DISLIKE'
  /** The item is not recommended until a later LIKE. */
  | 'HIDE'
  | 'IMPRESSION'
  /** Undoes an earlier DISLIKE or HIDE of the same item. */
  | 'LIKE'
  | 'PLAY'
  | 'SKIP';

/** Something that can be recommended. */
export type Item = {
  /** Whatever else the catalogue holds, as imported. */
  readonly attributes?: Maybe<Scalars['JSON']['output']>;
  /** False where it is not shown at all, whatever its time window and markets. */
  readonly available: Scalars['Boolean']['output'];
  /** Not recommended before this instant; null where there is no such bound. */
  readonly availableFrom?: Maybe<Scalars['DateTime']['output']>;
  /** Not recommended from this instant on; null where there is no such bound. */
  readonly availableUntil?: Maybe<Scalars['DateTime']['output']>;
  readonly categories: ReadonlyArray<Scalars['String']['output']>;
  readonly createdAt: Scalars['DateTime']['output'];
  /** Artist, author or seller; diversity counts items of the same creator. */
  readonly creator?: Maybe<Scalars['String']['output']>;
  readonly id: Scalars['ID']['output'];
  /** Where it is recommended, in upper case; none for everywhere. */
  readonly markets: ReadonlyArray<Scalars['String']['output']>;
  readonly title: Scalars['String']['output'];
};

export type ItemConnection = {
  readonly edges: ReadonlyArray<ItemEdge>;
  readonly nodes: ReadonlyArray<Item>;
  readonly pageInfo: PageInfo;
  readonly totalCount: Scalars['Int']['output'];
};

export type ItemEdge = {
  readonly cursor: Scalars['String']['output'];
  readonly node: Item;
};

export type ItemFilter = {
  readonly available?: InputMaybe<Scalars['Boolean']['input']>;
  /** Items in any of these. */
  readonly categories?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  readonly creator?: InputMaybe<Scalars['String']['input']>;
  readonly ids?: InputMaybe<ReadonlyArray<Scalars['ID']['input']>>;
  readonly titleContains?: InputMaybe<Scalars['String']['input']>;
};

/** Where a model version is on its path. */
export type ModelStage =
  | 'EVALUATED'
  | 'EXPERIMENT'
  | 'PRODUCTION'
  | 'REGISTERED'
  | 'RETIRED'
  | 'SHADOW';

/** Who may see a slate sees the id of its model; the rest is for `models:read`, whatever way leads here. */
export type ModelVersion = {
  readonly algorithm: Scalars['String']['output'];
  /** SHA-256 of the artefact. */
  readonly artefactHash: Scalars['String']['output'];
  /** How a refresh did in its canary, over all replicas; null where it was in none yet. */
  readonly canary?: Maybe<CanaryReport>;
  readonly createdAt: Scalars['DateTime']['output'];
  /** The newest; null before the first. */
  readonly evaluation?: Maybe<EvaluationReport>;
  readonly id: Scalars['ID']['output'];
  readonly model: Scalars['String']['output'];
  /** Where it can go from here, and what is missing for each step. */
  readonly nextSteps?: Maybe<ReadonlyArray<NextStep>>;
  readonly owner: Scalars['String']['output'];
  /** How it was trained; null for what was trained elsewhere, and by earlier releases. */
  readonly recipe?: Maybe<Recipe>;
  /** Of a version that was trained anew by the recipe of a shipped one: its canary takes the place of an experiment. */
  readonly refresh?: Maybe<Refresh>;
  /** What it did in shadow, over all replicas; null where it was not asked yet. */
  readonly shadow?: Maybe<ShadowReport>;
  readonly stage: ModelStage;
  readonly stageHistory: ReadonlyArray<StageChange>;
  readonly trainingData: TrainingData;
  readonly version: Scalars['Int']['output'];
};

export type ModelVersionConnection = {
  readonly edges: ReadonlyArray<ModelVersionEdge>;
  readonly nodes: ReadonlyArray<ModelVersion>;
  readonly pageInfo: PageInfo;
  readonly totalCount: Scalars['Int']['output'];
};

export type ModelVersionEdge = {
  readonly cursor: Scalars['String']['output'];
  readonly node: ModelVersion;
};

export type ModelVersionFilter = {
  readonly model?: InputMaybe<Scalars['String']['input']>;
  readonly stages?: InputMaybe<ReadonlyArray<ModelStage>>;
};

export type ModelVersionPayload = {
  readonly errors: ReadonlyArray<UserError>;
  /** After a rollback the version that serves instead, null where none does. */
  readonly modelVersion?: Maybe<ModelVersion>;
};

export type Mutation = {
  /**
   * Erases the person here and, by an event, in experimentation; aggregates stay. Durable once it is answered. Of somebody
   * with very much history the rest follows in the background; calling it again is safe.
   */
  readonly eraseUser?: Maybe<EraseUserPayload>;
  /** One step along the path. Refused with what is missing; PRODUCTION needs a signed decision about exactly this artefact. */
  readonly promoteModel?: Maybe<ModelVersionPayload>;
  /** Accepted interactions are durable. Idempotent by `eventId`; each refused one has its own error. 1 to 500 a call. */
  readonly recordInteractions?: Maybe<RecordInteractionsPayload>;
  /**
   * Makes an artefact that is stored already the next version of a model, REGISTERED: what was taken out stays out as the version
   * that it was, and may walk the path again as another. One that is a version of the model already, and not RETIRED, is that one.
   */
  readonly registerModel?: Maybe<ModelVersionPayload>;
  /** Back to the version before, which serves on every replica within a second. What was rolled back does not return. */
  readonly rollbackModel?: Maybe<ModelVersionPayload>;
};


export type MutationEraseUserArgs = {
  input: EraseUserInput;
};


export type MutationPromoteModelArgs = {
  input: PromoteModelInput;
};


export type MutationRecordInteractionsArgs = {
  input: RecordInteractionsInput;
};


export type MutationRegisterModelArgs = {
  input: RegisterModelInput;
};


export type MutationRollbackModelArgs = {
  input: RollbackModelInput;
};

/** A stage that a model version may go to, and what is missing for it. */
export type NextStep = {
  /** Each in a sentence; empty where `promoteModel` would take the step now. */
  readonly missing: ReadonlyArray<Scalars['String']['output']>;
  readonly to: ModelStage;
};

export type PageInfo = {
  readonly endCursor?: Maybe<Scalars['String']['output']>;
  readonly hasNextPage: Scalars['Boolean']['output'];
  readonly hasPreviousPage: Scalars['Boolean']['output'];
  readonly startCursor?: Maybe<Scalars['String']['output']>;
};

export type PromoteModelInput = {
  readonly id: Scalars['ID']['input'];
  readonly reason: Scalars['String']['input'];
  readonly to: ModelStage;
};

export type Query = {
  /** The item with this id; null where there is none. */
  readonly item?: Maybe<Item>;
  /** `first` is at most 100. */
  readonly items?: Maybe<ItemConnection>;
  /** The model version with this id; null where there is none. */
  readonly modelVersion?: Maybe<ModelVersion>;
  /** Newest first; `first` is at most 100. */
  readonly modelVersions?: Maybe<ModelVersionConnection>;
  /**
   * A new slate for one user on one surface. An unknown user gets a slate too (a cold start).
   * A missing model or history is no error: `servedBy` tells what was served instead. Each call
   * serves and records a slate; the tag says that nothing on the way may merge, repeat or cache it.
   */
  readonly recommendations?: Maybe<RecommendationSlate>;
  /**
   * What the production model finds similar to an item, best first, 100 at most; available items only, and with `userId`
   * none that this user has had or asked not to see. Empty without a model, null for an unknown item.
   */
  readonly similarItems?: Maybe<ReadonlyArray<SimilarItem>>;
  /** A slate served before, exactly as it was. */
  readonly slate?: Maybe<RecommendationSlate>;
  /** A user. Whoever has an id is one. */
  readonly user?: Maybe<User>;
};


export type QueryItemArgs = {
  id: Scalars['ID']['input'];
};


export type QueryItemsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<ItemFilter>;
  first: Scalars['Int']['input'];
};


export type QueryModelVersionArgs = {
  id: Scalars['ID']['input'];
};


export type QueryModelVersionsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<ModelVersionFilter>;
  first: Scalars['Int']['input'];
};


export type QueryRecommendationsArgs = {
  attributes?: InputMaybe<Scalars['JSON']['input']>;
  exclude: ReadonlyArray<Scalars['ID']['input']>;
  qaOverrides: ReadonlyArray<Scalars['String']['input']>;
  size: Scalars['Int']['input'];
  surface: Scalars['String']['input'];
  userId: Scalars['ID']['input'];
};


export type QuerySimilarItemsArgs = {
  attributes?: InputMaybe<Scalars['JSON']['input']>;
  first: Scalars['Int']['input'];
  itemId: Scalars['ID']['input'];
  userId?: InputMaybe<Scalars['ID']['input']>;
};


export type QuerySlateArgs = {
  id: Scalars['ID']['input'];
};


export type QueryUserArgs = {
  id: Scalars['ID']['input'];
};

/** Why an item was recommended. */
export type Reason = {
  /** The item that the reason points at, if it points at one. */
  readonly item?: Maybe<Item>;
  readonly kind: ReasonKind;
  readonly text: Scalars['String']['output'];
};

/** The kinds of reasons for an item. */
export type ReasonKind =
  | 'BECAUSE_OF_ITEM'
  | 'EXPLORATION'
  | 'NEW'
  | 'POPULAR'
  | 'TRENDING';

/** How a version was trained. A SHIP decision may bind it (`recordDecision(recipe:)`), and lets in what is trained by it later. */
export type Recipe = {
  /** Such as ease. */
  readonly algorithm: Scalars['ID']['output'];
  /** Of what trains it. */
  readonly codeVersion: Scalars['String']['output'];
  /** What it learns from. */
  readonly dataSource: Scalars['String']['output'];
  /** Every parameter by its name, a number each. */
  readonly parameters: Scalars['JSON']['output'];
};

/**
 * What one user was shown on one surface at one moment. Immutable: paging it, or reading it
 * again years later, gives the same items.
 */
export type RecommendationSlate = {
  readonly createdAt: Scalars['DateTime']['output'];
  /**
   * The assignments that this slate was served under, encoded as ExposureContext v1. Part of the key,
   * so that experimentation can answer `exposures` without asking personalization.
   */
  readonly exposureContext: Scalars['String']['output'];
  readonly id: Scalars['ID']['output'];
  /** The whole slate, unless `first` asks for less. */
  readonly items: RecommendedItemConnection;
  /** Null unless the rung is MODEL or PREVIOUS_MODEL. */
  readonly modelVersion?: Maybe<ModelVersion>;
  readonly policy: ServingPolicy;
  readonly servedBy: ServedBy;
  /** Version of the assignment snapshot that the assignments were computed from; null before the first. */
  readonly snapshotVersion?: Maybe<Scalars['Int']['output']>;
  readonly surface: Scalars['String']['output'];
  /** Null where the user was erased. */
  readonly user?: Maybe<User>;
  readonly userId: Scalars['ID']['output'];
};


/**
 * What one user was shown on one surface at one moment. Immutable: paging it, or reading it
 * again years later, gives the same items.
 */
export type RecommendationSlateItemsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
};

export type RecommendedItemConnection = {
  readonly edges: ReadonlyArray<RecommendedItemEdge>;
  /** In rank order; null where an item has left the catalogue. */
  readonly nodes: ReadonlyArray<Maybe<Item>>;
  readonly pageInfo: PageInfo;
  readonly totalCount: Scalars['Int']['output'];
};

export type RecommendedItemEdge = {
  readonly cursor: Scalars['String']['output'];
  readonly itemId: Scalars['ID']['output'];
  /** Null where the item has left the catalogue. */
  readonly node?: Maybe<Item>;
  /** P(item | earlier picks, candidates, policy), in (0, 1]; null where it is not known. */
  readonly propensity?: Maybe<Scalars['Float']['output']>;
  /** From 1. */
  readonly rank: Scalars['Int']['output'];
  readonly reason?: Maybe<Reason>;
  readonly score: Scalars['Float']['output'];
  /** Candidate source that brought the item in. */
  readonly source: Scalars['String']['output'];
};

export type RecordInteractionsInput = {
  readonly interactions: ReadonlyArray<InteractionInput>;
};

export type RecordInteractionsPayload = {
  /** How many are durable now, including those that were stored before. */
  readonly accepted: Scalars['Int']['output'];
  readonly errors: ReadonlyArray<UserError>;
};

/** What a version that was trained by a decided recipe stands on. */
export type Refresh = {
  /** SHA-256 of that signed decision. */
  readonly decisionHash: Scalars['String']['output'];
  /** The version whose SHIP decision binds the recipe. */
  readonly of?: Maybe<ModelVersion>;
};

export type RegisterModelInput = {
  /** SHA-256 of the artefact of some version. */
  readonly artefactHash: Scalars['String']['input'];
  /** The model's name. */
  readonly model: Scalars['String']['input'];
  readonly owner: Scalars['String']['input'];
};

export type RollbackModelInput = {
  /** The version that the caller means to take out of production; a repeated call then changes nothing. */
  readonly expectedCurrent: Scalars['ID']['input'];
  readonly reason: Scalars['String']['input'];
};

/** What served a slate: the first of these that worked. */
export type Rung =
  | 'MODEL'
  | 'POPULAR'
  | 'PREVIOUS_MODEL'
  | 'STATIC';

/** The rung of the degradation ladder that the slate was served from, and why not from a higher one. */
export type ServedBy = {
  /** Null on the top rung. */
  readonly cause?: Maybe<Scalars['String']['output']>;
  /** Share of the items that a model brought in, 0 to 1; null for slates of earlier releases. */
  readonly modelShare?: Maybe<Scalars['Float']['output']>;
  readonly rung: Rung;
  /** The candidate sources that were asked, in their order; null for slates of earlier releases. */
  readonly sources?: Maybe<ReadonlyArray<SlateSource>>;
};

/** How the items were chosen. With the same seed and candidates the slate can be made again. */
export type ServingPolicy = {
  /**
   * How many candidates each source was asked for. Fewer under overload, where `id` begins with `reduced-`: the same
   * parameters then choose with other probabilities. Null for slates of earlier releases.
   */
  readonly candidateWidth?: Maybe<Scalars['Int']['output']>;
  /** SHA-256 of the scored candidates. */
  readonly candidatesHash: Scalars['String']['output'];
  readonly id: Scalars['String']['output'];
  readonly seed: Scalars['String']['output'];
};

/** How often a model in shadow gave no list, by kind. */
export type ShadowFailures = {
  /** Its thread ended, out of memory for example. */
  readonly crashed: Scalars['Int']['output'];
  /** It found nothing for somebody whom the model in production found something for. */
  readonly empty: Scalars['Int']['output'];
  readonly threw: Scalars['Int']['output'];
  readonly timedOut: Scalars['Int']['output'];
};

/**
 * How a model's lists compare with those that the model in production served, for the same users with the same history.
 * Means are 0 where no lists were compared.
 */
export type ShadowReport = {
  /** The version that served what it was compared with; null in reports of earlier releases. */
  readonly champion?: Maybe<ModelVersion>;
  /** Share of the catalogue among the first 10 of its lists, within 5 %. */
  readonly coverage: Scalars['Float']['output'];
  /** How often it threw, was late, crashed or found nothing. */
  readonly failures: Scalars['Int']['output'];
  /** The same, each on its own. */
  readonly failuresByKind: ShadowFailures;
  /** As `latencyP99Ms`. */
  readonly latencyP50Ms: Scalars['Float']['output'];
  /** CPU time of one list, within 5 %; of one that ran into the deadline, the deadline. */
  readonly latencyP99Ms: Scalars['Float']['output'];
  /** Mean share of its first 10 items that are among the first 10 served. */
  readonly overlapAt10: Scalars['Float']['output'];
  /**
   * Mean binary logarithm of the popularity of its first 10 items, minus that of those served: 1 where they have twice the
   * listeners. Null where no lists were compared.
   */
  readonly popularityShift?: Maybe<Scalars['Float']['output']>;
  /** Mean rank-biased overlap of the first 50 items (Webber, Moffat, Zobel 2010; p = .9): 0 to 1. */
  readonly rankBiasedOverlap: Scalars['Float']['output'];
  /** How often it was asked, failures included. */
  readonly requests: Scalars['Int']['output'];
};

/** An item that is like another one. */
export type SimilarItem = {
  readonly item: Item;
  /** Above 0; comparable within one answer only. */
  readonly score: Scalars['Float']['output'];
};

/** What one candidate source brought to a slate. */
export type SlateSource = {
  /** Candidates that were left after the filters. */
  readonly candidates: Scalars['Int']['output'];
  /** Items of the slate. */
  readonly items: Scalars['Int']['output'];
  readonly name: Scalars['String']['output'];
  readonly outcome: SourceOutcome;
};

/** What became of a candidate source in a slate. */
export type SourceOutcome =
  | 'ANSWERED'
  /** It was too late, or was left out for a while because it was too late or failed before. */
  | 'CUT'
  | 'FAILED'
  /** It had nothing to offer for this listener, and was not asked. */
  | 'UNAVAILABLE';

/** A step of a model version: when, by whom and why. */
export type StageChange = {
  readonly at: Scalars['DateTime']['output'];
  readonly by: Scalars['String']['output'];
  /** What the change stands on; null where nothing had to be shown. */
  readonly evidence?: Maybe<StageEvidence>;
  readonly from?: Maybe<ModelStage>;
  readonly reason: Scalars['String']['output'];
  readonly to: ModelStage;
};

/** What a step stands on. */
export type StageEvidence = {
  /** SHA-256 of the report or of the signed decision; null for a rollback or a guardrail. */
  readonly hash?: Maybe<Scalars['String']['output']>;
  readonly kind: StageEvidenceKind;
  /** What the hash is of, where the change keeps it: a decision that binds a recipe, and the figures of a canary. */
  readonly record?: Maybe<Scalars['JSON']['output']>;
  /** The shadow report as it was judged; null for what stands on something else, and in changes of earlier releases. */
  readonly shadow?: Maybe<ShadowReport>;
};

/** The kinds of evidence. */
export type StageEvidenceKind =
  /** A signed decision about the first model of a deployment. */
  | 'BOOTSTRAP'
  /** A refresh did no worse than the version in production, under a SHIP decision that binds its recipe. */
  | 'CANARY'
  /** A signed SHIP decision of an experiment. */
  | 'DECISION'
  | 'EVALUATION'
  /** Switched off because of how it did: it failed, was slow, or had nothing to recommend. */
  | 'GUARDRAIL'
  | 'ROLLBACK'
  | 'SHADOW';

/** What a model version was trained on. */
export type TrainingData = {
  readonly cutoff: Scalars['DateTime']['output'];
  /** SHA-256 of the canonical interaction log that the model saw. */
  readonly fingerprint: Scalars['String']['output'];
  readonly interactions: Scalars['Int']['output'];
  readonly items: Scalars['Int']['output'];
  readonly users: Scalars['Int']['output'];
};

/** A person, known to both subgraphs by the same id. */
export type User = {
  readonly id: Scalars['ID']['output'];
  /** Newest first; `first` is at most 100. */
  readonly interactions?: Maybe<InteractionConnection>;
};


/** A person, known to both subgraphs by the same id. */
export type UserInteractionsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first: Scalars['Int']['input'];
};

/** A refusal that the caller can act on. Outages and missing rights are top-level GraphQL errors instead. */
export type UserError = {
  /** Stable, from docs/errors.md. */
  readonly code: Scalars['String']['output'];
  readonly message: Scalars['String']['output'];
  /** Where in the input, such as ["interactions", "3", "itemId"]. */
  readonly path: ReadonlyArray<Scalars['String']['output']>;
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
  Item: Item;
  ModelVersion: ModelVersion;
  RecommendationSlate: RecommendationSlate;
  User: User;
};

/** Mapping of federation reference types */
export type FederationReferenceTypes = {
  Item:
    ( { __typename: 'Item' }
    & GraphQLRecursivePick<FederationTypes['Item'], {"id":true}> );
  ModelVersion:
    ( { __typename: 'ModelVersion' }
    & GraphQLRecursivePick<FederationTypes['ModelVersion'], {"id":true}> );
  RecommendationSlate:
    ( { __typename: 'RecommendationSlate' }
    & ( GraphQLRecursivePick<FederationTypes['RecommendationSlate'], {"id":true}>
        | GraphQLRecursivePick<FederationTypes['RecommendationSlate'], {"id":true,"exposureContext":true}> ) );
  User:
    ( { __typename: 'User' }
    & GraphQLRecursivePick<FederationTypes['User'], {"id":true}> );
};



/** Mapping between all available schema types and the resolvers types */
export type ResolversTypes = {
  CanaryFigures: ResolverTypeWrapper<CanaryFigures>;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
  Float: ResolverTypeWrapper<Scalars['Float']['output']>;
  CanaryReport: ResolverTypeWrapper<CanaryReportParent>;
  DateTime: ResolverTypeWrapper<Scalars['DateTime']['output']>;
  EraseUserInput: EraseUserInput;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  EraseUserPayload: ResolverTypeWrapper<EraseUserPayload>;
  EvaluationMetric: ResolverTypeWrapper<EvaluationMetric>;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
  EvaluationReport: ResolverTypeWrapper<ModelEvaluation>;
  Interaction: ResolverTypeWrapper<InteractionParent>;
  InteractionConnection: ResolverTypeWrapper<Omit<InteractionConnection, 'edges' | 'nodes'> & { edges: ReadonlyArray<ResolversTypes['InteractionEdge']>, nodes: ReadonlyArray<ResolversTypes['Interaction']> }>;
  InteractionEdge: ResolverTypeWrapper<Omit<InteractionEdge, 'node'> & { node: ResolversTypes['Interaction'] }>;
  InteractionInput: InteractionInput;
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
  InteractionType: InteractionType;
  Item: ResolverTypeWrapper<ItemParent>;
  ItemConnection: ResolverTypeWrapper<ItemConnectionParent>;
  ItemEdge: ResolverTypeWrapper<Omit<ItemEdge, 'node'> & { node: ResolversTypes['Item'] }>;
  ItemFilter: ItemFilter;
  JSON: ResolverTypeWrapper<Scalars['JSON']['output']>;
  ModelStage: ModelStage;
  ModelVersion: ResolverTypeWrapper<ModelVersionParent>;
  ModelVersionConnection: ResolverTypeWrapper<ModelVersionConnectionParent>;
  ModelVersionEdge: ResolverTypeWrapper<Omit<ModelVersionEdge, 'node'> & { node: ResolversTypes['ModelVersion'] }>;
  ModelVersionFilter: ModelVersionFilter;
  ModelVersionPayload: ResolverTypeWrapper<Omit<ModelVersionPayload, 'modelVersion'> & { modelVersion?: Maybe<ResolversTypes['ModelVersion']> }>;
  Mutation: ResolverTypeWrapper<Record<PropertyKey, never>>;
  NextStep: ResolverTypeWrapper<NextStep>;
  PageInfo: ResolverTypeWrapper<PageInfo>;
  PromoteModelInput: PromoteModelInput;
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Reason: ResolverTypeWrapper<ReasonParent>;
  ReasonKind: ReasonKind;
  Recipe: ResolverTypeWrapper<Recipe>;
  RecommendationSlate: ResolverTypeWrapper<Slate>;
  RecommendedItemConnection: ResolverTypeWrapper<RecommendedItemConnectionParent>;
  RecommendedItemEdge: ResolverTypeWrapper<RecommendedItemParent>;
  RecordInteractionsInput: RecordInteractionsInput;
  RecordInteractionsPayload: ResolverTypeWrapper<RecordInteractionsPayload>;
  Refresh: ResolverTypeWrapper<RefreshParent>;
  RegisterModelInput: RegisterModelInput;
  RollbackModelInput: RollbackModelInput;
  Rung: Rung;
  ServedBy: ResolverTypeWrapper<ServedBy>;
  ServingPolicy: ResolverTypeWrapper<ServingPolicy>;
  ShadowFailures: ResolverTypeWrapper<ShadowFailures>;
  ShadowReport: ResolverTypeWrapper<ShadowReportParent>;
  SimilarItem: ResolverTypeWrapper<SimilarItemParent>;
  SlateSource: ResolverTypeWrapper<SlateSource>;
  SourceOutcome: SourceOutcome;
  StageChange: ResolverTypeWrapper<StageChangeParent>;
  StageEvidence: ResolverTypeWrapper<StageEvidenceParent>;
  StageEvidenceKind: StageEvidenceKind;
  TrainingData: ResolverTypeWrapper<TrainingData>;
  User: ResolverTypeWrapper<UserParent>;
  UserError: ResolverTypeWrapper<UserError>;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  CanaryFigures: CanaryFigures;
  Int: Scalars['Int']['output'];
  Float: Scalars['Float']['output'];
  CanaryReport: CanaryReportParent;
  DateTime: Scalars['DateTime']['output'];
  EraseUserInput: EraseUserInput;
  ID: Scalars['ID']['output'];
  EraseUserPayload: EraseUserPayload;
  EvaluationMetric: EvaluationMetric;
  String: Scalars['String']['output'];
  EvaluationReport: ModelEvaluation;
  Interaction: InteractionParent;
  InteractionConnection: Omit<InteractionConnection, 'edges' | 'nodes'> & { edges: ReadonlyArray<ResolversParentTypes['InteractionEdge']>, nodes: ReadonlyArray<ResolversParentTypes['Interaction']> };
  InteractionEdge: Omit<InteractionEdge, 'node'> & { node: ResolversParentTypes['Interaction'] };
  InteractionInput: InteractionInput;
  Boolean: Scalars['Boolean']['output'];
  Item: ItemParent;
  ItemConnection: ItemConnectionParent;
  ItemEdge: Omit<ItemEdge, 'node'> & { node: ResolversParentTypes['Item'] };
  ItemFilter: ItemFilter;
  JSON: Scalars['JSON']['output'];
  ModelVersion: ModelVersionParent;
  ModelVersionConnection: ModelVersionConnectionParent;
  ModelVersionEdge: Omit<ModelVersionEdge, 'node'> & { node: ResolversParentTypes['ModelVersion'] };
  ModelVersionFilter: ModelVersionFilter;
  ModelVersionPayload: Omit<ModelVersionPayload, 'modelVersion'> & { modelVersion?: Maybe<ResolversParentTypes['ModelVersion']> };
  Mutation: Record<PropertyKey, never>;
  NextStep: NextStep;
  PageInfo: PageInfo;
  PromoteModelInput: PromoteModelInput;
  Query: Record<PropertyKey, never>;
  Reason: ReasonParent;
  Recipe: Recipe;
  RecommendationSlate: Slate;
  RecommendedItemConnection: RecommendedItemConnectionParent;
  RecommendedItemEdge: RecommendedItemParent;
  RecordInteractionsInput: RecordInteractionsInput;
  RecordInteractionsPayload: RecordInteractionsPayload;
  Refresh: RefreshParent;
  RegisterModelInput: RegisterModelInput;
  RollbackModelInput: RollbackModelInput;
  ServedBy: ServedBy;
  ServingPolicy: ServingPolicy;
  ShadowFailures: ShadowFailures;
  ShadowReport: ShadowReportParent;
  SimilarItem: SimilarItemParent;
  SlateSource: SlateSource;
  StageChange: StageChangeParent;
  StageEvidence: StageEvidenceParent;
  TrainingData: TrainingData;
  User: UserParent;
  UserError: UserError;
};

export type CanaryFiguresResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['CanaryFigures'] = ResolversParentTypes['CanaryFigures']> = {
  distinctItems?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  empty?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  failed?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  latencyP99Ms?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  listeners?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  lists?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type CanaryReportResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['CanaryReport'] = ResolversParentTypes['CanaryReport']> = {
  canary?: Resolver<ResolversTypes['CanaryFigures'], ParentType, ContextType>;
  champion?: Resolver<Maybe<ResolversTypes['ModelVersion']>, ParentType, ContextType>;
  production?: Resolver<ResolversTypes['CanaryFigures'], ParentType, ContextType>;
};

export interface DateTimeScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['DateTime'], any> {
  name: 'DateTime';
}

export type EraseUserPayloadResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['EraseUserPayload'] = ResolversParentTypes['EraseUserPayload']> = {
  errors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
  interactions?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  slates?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type EvaluationMetricResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['EvaluationMetric'] = ResolversParentTypes['EvaluationMetric']> = {
  championDelta?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  lower?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  upper?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  value?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
};

export type EvaluationReportResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['EvaluationReport'] = ResolversParentTypes['EvaluationReport']> = {
  champion?: Resolver<Maybe<ResolversTypes['ModelVersion']>, ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  fingerprint?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  hash?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  metrics?: Resolver<ReadonlyArray<ResolversTypes['EvaluationMetric']>, ParentType, ContextType>;
  seed?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type InteractionResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Interaction'] = ResolversParentTypes['Interaction']> = {
  eventId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  hiddenCreator?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  item?: Resolver<Maybe<ResolversTypes['Item']>, ParentType, ContextType>;
  itemId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  occurredAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  slateId?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
  type?: Resolver<ResolversTypes['InteractionType'], ParentType, ContextType>;
  value?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
};

export type InteractionConnectionResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['InteractionConnection'] = ResolversParentTypes['InteractionConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['InteractionEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['Interaction']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type InteractionEdgeResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['InteractionEdge'] = ResolversParentTypes['InteractionEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Interaction'], ParentType, ContextType>;
};

export type ItemResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Item'] = ResolversParentTypes['Item'], FederationReferenceType extends FederationReferenceTypes['Item'] = FederationReferenceTypes['Item']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['Item']> | FederationReferenceType, FederationReferenceType, ContextType>;
  attributes?: Resolver<Maybe<ResolversTypes['JSON']>, ParentType, ContextType>;
  available?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  availableFrom?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  availableUntil?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  categories?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  creator?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  markets?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  title?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type ItemConnectionResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['ItemConnection'] = ResolversParentTypes['ItemConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['ItemEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['Item']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type ItemEdgeResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['ItemEdge'] = ResolversParentTypes['ItemEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Item'], ParentType, ContextType>;
};

export interface JsonScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['JSON'], any> {
  name: 'JSON';
}

export type ModelVersionResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['ModelVersion'] = ResolversParentTypes['ModelVersion'], FederationReferenceType extends FederationReferenceTypes['ModelVersion'] = FederationReferenceTypes['ModelVersion']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['ModelVersion']> | FederationReferenceType, FederationReferenceType, ContextType>;
  algorithm?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  artefactHash?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  canary?: Resolver<Maybe<ResolversTypes['CanaryReport']>, ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  evaluation?: Resolver<Maybe<ResolversTypes['EvaluationReport']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  model?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  nextSteps?: Resolver<Maybe<ReadonlyArray<ResolversTypes['NextStep']>>, ParentType, ContextType>;
  owner?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  recipe?: Resolver<Maybe<ResolversTypes['Recipe']>, ParentType, ContextType>;
  refresh?: Resolver<Maybe<ResolversTypes['Refresh']>, ParentType, ContextType>;
  shadow?: Resolver<Maybe<ResolversTypes['ShadowReport']>, ParentType, ContextType>;
  stage?: Resolver<ResolversTypes['ModelStage'], ParentType, ContextType>;
  stageHistory?: Resolver<ReadonlyArray<ResolversTypes['StageChange']>, ParentType, ContextType>;
  trainingData?: Resolver<ResolversTypes['TrainingData'], ParentType, ContextType>;
  version?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type ModelVersionConnectionResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['ModelVersionConnection'] = ResolversParentTypes['ModelVersionConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['ModelVersionEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['ModelVersion']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type ModelVersionEdgeResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['ModelVersionEdge'] = ResolversParentTypes['ModelVersionEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['ModelVersion'], ParentType, ContextType>;
};

export type ModelVersionPayloadResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['ModelVersionPayload'] = ResolversParentTypes['ModelVersionPayload']> = {
  errors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
  modelVersion?: Resolver<Maybe<ResolversTypes['ModelVersion']>, ParentType, ContextType>;
};

export type MutationResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Mutation'] = ResolversParentTypes['Mutation']> = {
  eraseUser?: Resolver<Maybe<ResolversTypes['EraseUserPayload']>, ParentType, ContextType, RequireFields<MutationEraseUserArgs, 'input'>>;
  promoteModel?: Resolver<Maybe<ResolversTypes['ModelVersionPayload']>, ParentType, ContextType, RequireFields<MutationPromoteModelArgs, 'input'>>;
  recordInteractions?: Resolver<Maybe<ResolversTypes['RecordInteractionsPayload']>, ParentType, ContextType, RequireFields<MutationRecordInteractionsArgs, 'input'>>;
  registerModel?: Resolver<Maybe<ResolversTypes['ModelVersionPayload']>, ParentType, ContextType, RequireFields<MutationRegisterModelArgs, 'input'>>;
  rollbackModel?: Resolver<Maybe<ResolversTypes['ModelVersionPayload']>, ParentType, ContextType, RequireFields<MutationRollbackModelArgs, 'input'>>;
};

export type NextStepResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['NextStep'] = ResolversParentTypes['NextStep']> = {
  missing?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  to?: Resolver<ResolversTypes['ModelStage'], ParentType, ContextType>;
};

export type PageInfoResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['PageInfo'] = ResolversParentTypes['PageInfo']> = {
  endCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  hasNextPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  hasPreviousPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  startCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type QueryResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Query'] = ResolversParentTypes['Query']> = {
  item?: Resolver<Maybe<ResolversTypes['Item']>, ParentType, ContextType, RequireFields<QueryItemArgs, 'id'>>;
  items?: Resolver<Maybe<ResolversTypes['ItemConnection']>, ParentType, ContextType, RequireFields<QueryItemsArgs, 'first'>>;
  modelVersion?: Resolver<Maybe<ResolversTypes['ModelVersion']>, ParentType, ContextType, RequireFields<QueryModelVersionArgs, 'id'>>;
  modelVersions?: Resolver<Maybe<ResolversTypes['ModelVersionConnection']>, ParentType, ContextType, RequireFields<QueryModelVersionsArgs, 'first'>>;
  recommendations?: Resolver<Maybe<ResolversTypes['RecommendationSlate']>, ParentType, ContextType, RequireFields<QueryRecommendationsArgs, 'exclude' | 'qaOverrides' | 'size' | 'surface' | 'userId'>>;
  similarItems?: Resolver<Maybe<ReadonlyArray<ResolversTypes['SimilarItem']>>, ParentType, ContextType, RequireFields<QuerySimilarItemsArgs, 'first' | 'itemId'>>;
  slate?: Resolver<Maybe<ResolversTypes['RecommendationSlate']>, ParentType, ContextType, RequireFields<QuerySlateArgs, 'id'>>;
  user?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType, RequireFields<QueryUserArgs, 'id'>>;
};

export type ReasonResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Reason'] = ResolversParentTypes['Reason']> = {
  item?: Resolver<Maybe<ResolversTypes['Item']>, ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['ReasonKind'], ParentType, ContextType>;
  text?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type RecipeResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Recipe'] = ResolversParentTypes['Recipe']> = {
  algorithm?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  codeVersion?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  dataSource?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  parameters?: Resolver<ResolversTypes['JSON'], ParentType, ContextType>;
};

export type RecommendationSlateResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['RecommendationSlate'] = ResolversParentTypes['RecommendationSlate'], FederationReferenceType extends FederationReferenceTypes['RecommendationSlate'] = FederationReferenceTypes['RecommendationSlate']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['RecommendationSlate']> | FederationReferenceType, FederationReferenceType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  exposureContext?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  items?: Resolver<ResolversTypes['RecommendedItemConnection'], ParentType, ContextType, Partial<RecommendationSlateItemsArgs>>;
  modelVersion?: Resolver<Maybe<ResolversTypes['ModelVersion']>, ParentType, ContextType>;
  policy?: Resolver<ResolversTypes['ServingPolicy'], ParentType, ContextType>;
  servedBy?: Resolver<ResolversTypes['ServedBy'], ParentType, ContextType>;
  snapshotVersion?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  surface?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  user?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType>;
  userId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
};

export type RecommendedItemConnectionResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['RecommendedItemConnection'] = ResolversParentTypes['RecommendedItemConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['RecommendedItemEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<Maybe<ResolversTypes['Item']>>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type RecommendedItemEdgeResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['RecommendedItemEdge'] = ResolversParentTypes['RecommendedItemEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  itemId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  node?: Resolver<Maybe<ResolversTypes['Item']>, ParentType, ContextType>;
  propensity?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  rank?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  reason?: Resolver<Maybe<ResolversTypes['Reason']>, ParentType, ContextType>;
  score?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  source?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type RecordInteractionsPayloadResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['RecordInteractionsPayload'] = ResolversParentTypes['RecordInteractionsPayload']> = {
  accepted?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  errors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type RefreshResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Refresh'] = ResolversParentTypes['Refresh']> = {
  decisionHash?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  of?: Resolver<Maybe<ResolversTypes['ModelVersion']>, ParentType, ContextType>;
};

export type ServedByResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['ServedBy'] = ResolversParentTypes['ServedBy']> = {
  cause?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  modelShare?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  rung?: Resolver<ResolversTypes['Rung'], ParentType, ContextType>;
  sources?: Resolver<Maybe<ReadonlyArray<ResolversTypes['SlateSource']>>, ParentType, ContextType>;
};

export type ServingPolicyResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['ServingPolicy'] = ResolversParentTypes['ServingPolicy']> = {
  candidateWidth?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  candidatesHash?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  seed?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type ShadowFailuresResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['ShadowFailures'] = ResolversParentTypes['ShadowFailures']> = {
  crashed?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  empty?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  threw?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  timedOut?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type ShadowReportResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['ShadowReport'] = ResolversParentTypes['ShadowReport']> = {
  champion?: Resolver<Maybe<ResolversTypes['ModelVersion']>, ParentType, ContextType>;
  coverage?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  failures?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  failuresByKind?: Resolver<ResolversTypes['ShadowFailures'], ParentType, ContextType>;
  latencyP50Ms?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  latencyP99Ms?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  overlapAt10?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  popularityShift?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  rankBiasedOverlap?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  requests?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type SimilarItemResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['SimilarItem'] = ResolversParentTypes['SimilarItem']> = {
  item?: Resolver<ResolversTypes['Item'], ParentType, ContextType>;
  score?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
};

export type SlateSourceResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['SlateSource'] = ResolversParentTypes['SlateSource']> = {
  candidates?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  items?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  outcome?: Resolver<ResolversTypes['SourceOutcome'], ParentType, ContextType>;
};

export type StageChangeResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['StageChange'] = ResolversParentTypes['StageChange']> = {
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  by?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  evidence?: Resolver<Maybe<ResolversTypes['StageEvidence']>, ParentType, ContextType>;
  from?: Resolver<Maybe<ResolversTypes['ModelStage']>, ParentType, ContextType>;
  reason?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  to?: Resolver<ResolversTypes['ModelStage'], ParentType, ContextType>;
};

export type StageEvidenceResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['StageEvidence'] = ResolversParentTypes['StageEvidence']> = {
  hash?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['StageEvidenceKind'], ParentType, ContextType>;
  record?: Resolver<Maybe<ResolversTypes['JSON']>, ParentType, ContextType>;
  shadow?: Resolver<Maybe<ResolversTypes['ShadowReport']>, ParentType, ContextType>;
};

export type TrainingDataResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['TrainingData'] = ResolversParentTypes['TrainingData']> = {
  cutoff?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  fingerprint?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  interactions?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  items?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  users?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type UserResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['User'] = ResolversParentTypes['User'], FederationReferenceType extends FederationReferenceTypes['User'] = FederationReferenceTypes['User']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['User']> | FederationReferenceType, FederationReferenceType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  interactions?: Resolver<Maybe<ResolversTypes['InteractionConnection']>, ParentType, ContextType, RequireFields<UserInteractionsArgs, 'first'>>;
};

export type UserErrorResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['UserError'] = ResolversParentTypes['UserError']> = {
  code?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  message?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  path?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
};

export type Resolvers<ContextType = GraphqlContext> = {
  CanaryFigures?: CanaryFiguresResolvers<ContextType>;
  CanaryReport?: CanaryReportResolvers<ContextType>;
  DateTime?: GraphQLScalarType;
  EraseUserPayload?: EraseUserPayloadResolvers<ContextType>;
  EvaluationMetric?: EvaluationMetricResolvers<ContextType>;
  EvaluationReport?: EvaluationReportResolvers<ContextType>;
  Interaction?: InteractionResolvers<ContextType>;
  InteractionConnection?: InteractionConnectionResolvers<ContextType>;
  InteractionEdge?: InteractionEdgeResolvers<ContextType>;
  Item?: ItemResolvers<ContextType>;
  ItemConnection?: ItemConnectionResolvers<ContextType>;
  ItemEdge?: ItemEdgeResolvers<ContextType>;
  JSON?: GraphQLScalarType;
  ModelVersion?: ModelVersionResolvers<ContextType>;
  ModelVersionConnection?: ModelVersionConnectionResolvers<ContextType>;
  ModelVersionEdge?: ModelVersionEdgeResolvers<ContextType>;
  ModelVersionPayload?: ModelVersionPayloadResolvers<ContextType>;
  Mutation?: MutationResolvers<ContextType>;
  NextStep?: NextStepResolvers<ContextType>;
  PageInfo?: PageInfoResolvers<ContextType>;
  Query?: QueryResolvers<ContextType>;
  Reason?: ReasonResolvers<ContextType>;
  Recipe?: RecipeResolvers<ContextType>;
  RecommendationSlate?: RecommendationSlateResolvers<ContextType>;
  RecommendedItemConnection?: RecommendedItemConnectionResolvers<ContextType>;
  RecommendedItemEdge?: RecommendedItemEdgeResolvers<ContextType>;
  RecordInteractionsPayload?: RecordInteractionsPayloadResolvers<ContextType>;
  Refresh?: RefreshResolvers<ContextType>;
  ServedBy?: ServedByResolvers<ContextType>;
  ServingPolicy?: ServingPolicyResolvers<ContextType>;
  ShadowFailures?: ShadowFailuresResolvers<ContextType>;
  ShadowReport?: ShadowReportResolvers<ContextType>;
  SimilarItem?: SimilarItemResolvers<ContextType>;
  SlateSource?: SlateSourceResolvers<ContextType>;
  StageChange?: StageChangeResolvers<ContextType>;
  StageEvidence?: StageEvidenceResolvers<ContextType>;
  TrainingData?: TrainingDataResolvers<ContextType>;
  User?: UserResolvers<ContextType>;
  UserError?: UserErrorResolvers<ContextType>;
};

