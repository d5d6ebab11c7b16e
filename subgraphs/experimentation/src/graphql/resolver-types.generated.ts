import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
import type { AnalysisRecord as AnalysisParent } from '../services/analyses/recorded-analysis.ts';
import type { AnalysisConnectionParent, AssignmentParent, AuditConnectionParent, DecisionParent, DecisionConnectionParent, ExperimentConnectionParent, MetricConnectionParent, MetricResultParent, MissingResultParent, ModelVersionParent, SlateParent, UserParent } from './parents.ts';
import type { AnalysisPlan as AnalysisPlanParent } from '../domain/plan/analysis-plan.ts';
import type { AuditEntry as AuditEntryParent } from '../domain/audit/entry.ts';
import type { Bootstrap as BootstrapDecisionParent } from '../domain/governance/bootstrap.ts';
import type { Experiment as ExperimentParent, Variant as VariantParent } from '../domain/experiment.ts';
import type { ExperimentMetric as ExperimentMetricParent, MetricDefinition as MetricParent } from '../domain/plan/metric.ts';
import type { Exposure as ExposureParent } from '../services/exposure-service.ts';
import type { Holdout as HoldoutParent, Layer as LayerParent, SavedGroup as SavedGroupParent } from '../domain/targeting/definitions.ts';
import type { LayerAllocation as LayerAllocationParent } from '../domain/targeting/layer-ranges.ts';
import type { Review as ReviewParent } from '../domain/governance/review.ts';
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

/** Never changes once it is stored. */
export type Analysis = {
  /** Ingest position: later arrivals do not count. */
  readonly asOf: Scalars['String']['output'];
  /** The same analysis by each attribute of the plan; empty where this one is by an attribute. */
  readonly bySegment: ReadonlyArray<Analysis>;
  readonly codeVersion: Scalars['String']['output'];
  /** Whether the results are of units whose windows were over, which a conclusion needs. */
  readonly complete: Scalars['Boolean']['output'];
  readonly createdAt: Scalars['DateTime']['output'];
  /** On occurredAt. */
  readonly cutoff: Scalars['DateTime']['output'];
  /** DUCKDB or SPARK; the hash does not depend on it. */
  readonly engine: AnalysisEngine;
  readonly experimentVersion: Scalars['Int']['output'];
  /** Every producer had delivered everything up to the cutoff. */
  readonly final: Scalars['Boolean']['output'];
  /** SHA-256; the inputs below reproduce it. */
  readonly hash: Scalars['String']['output'];
  readonly health: ReadonlyArray<HealthCheck>;
  readonly id: Scalars['ID']['output'];
  /**
   * Events up to `asOf` that were erased with their units since. A replay then may differ, and says so; at 0 it gives the same.
   * Events that went because of their age (EVENT_RETENTION_MS) are not counted.
   */
  readonly inputsErased: Scalars['Int']['output'];
  /** Of a GROUP_SEQUENTIAL plan, the looks so far; else empty. */
  readonly looks: ReadonlyArray<AnalysisLook>;
  readonly metricVersions: ReadonlyArray<MetricVersion>;
  readonly metrics: ReadonlyArray<MetricResult>;
  /** Tests that have no result. */
  readonly missing: ReadonlyArray<MissingResult>;
  readonly plan: AnalysisPlan;
  readonly requestedBy: Scalars['String']['output'];
  /** The attribute by which `metrics` are broken down; null for all units. */
  readonly segment?: Maybe<Scalars['String']['output']>;
  /** Units whose value of the attribute is not among the 20 that most units have; they have no results. 0 for all units. */
  readonly segmentOmittedUnits: Scalars['Int']['output'];
  /** Its values with results, the one with the most units first; empty for all units. */
  readonly segmentValues: ReadonlyArray<SegmentValue>;
  /** What was run on the events, in order; their rows are exact integers. */
  readonly sql: ReadonlyArray<Scalars['String']['output']>;
  readonly units: Scalars['Int']['output'];
  readonly verdict: Verdict;
};

export type AnalysisConnection = {
  readonly edges: ReadonlyArray<AnalysisEdge>;
  readonly nodes: ReadonlyArray<Analysis>;
  readonly pageInfo: PageInfo;
};

export type AnalysisEdge = {
  readonly cursor: Scalars['String']['output'];
  readonly node: Analysis;
};

/** What computed the sums of an analysis. Both give the same hash. */
export type AnalysisEngine =
  | 'DUCKDB'
  | 'SPARK';

/** An interim analysis: the first start of a UTC day at which its share of the planned sample had complete windows. */
export type AnalysisLook = {
  readonly cutoff: Scalars['DateTime']['output'];
  /** The information: these units divided by the planned ones. */
  readonly fraction: Scalars['Float']['output'];
  readonly units: Scalars['Int']['output'];
};

/** How effects are tested: at one planned size, at planned looks, or at any time. */
export type AnalysisMethod =
  | 'ALWAYS_VALID'
  | 'FIXED_HORIZON'
  | 'GROUP_SEQUENTIAL';

export type AnalysisPayload = {
  readonly analysis?: Maybe<Analysis>;
  readonly errors: ReadonlyArray<UserError>;
};

/** What was promised before the start; results quote it. */
export type AnalysisPlan = {
  readonly alpha: Scalars['Float']['output'];
  readonly cuped: Scalars['Boolean']['output'];
  /** Units that are left out of every result. */
  readonly exclusions: ReadonlyArray<ExclusionList>;
  /** SHA-256 of the plan's canonical JSON. */
  readonly hash: Scalars['String']['output'];
  /** Group-sequential only: how often results are looked at. */
  readonly looks?: Maybe<Scalars['Int']['output']>;
  readonly method: AnalysisMethod;
  /** Nothing is to be learned: it has no metrics, and its decision cannot be SHIP. */
  readonly noAnalysis: Scalars['Boolean']['output'];
  readonly plannedEnd?: Maybe<Scalars['DateTime']['output']>;
  /** Units in all variants. FIXED_HORIZON and GROUP_SEQUENTIAL start only with it. */
  readonly plannedSampleSize?: Maybe<Scalars['Int']['output']>;
  readonly power: Scalars['Float']['output'];
  readonly scale: EffectScale;
  readonly segments: ReadonlyArray<Scalars['String']['output']>;
  /** Group-sequential only: OBRIEN_FLEMING, POCOCK, LINEAR or QUADRATIC. */
  readonly spending?: Maybe<Scalars['String']['output']>;
  readonly twoSided: Scalars['Boolean']['output'];
};

export type AnalysisPlanInput = {
  readonly alpha: Scalars['Float']['input'];
  readonly cuped: Scalars['Boolean']['input'];
  readonly exclusions: ReadonlyArray<ExclusionListInput>;
  readonly looks?: InputMaybe<Scalars['Int']['input']>;
  readonly method: AnalysisMethod;
  /** An experiment without metrics starts only with it, and its decision cannot be SHIP. */
  readonly noAnalysis: Scalars['Boolean']['input'];
  readonly plannedEnd?: InputMaybe<Scalars['DateTime']['input']>;
  /** Units in all variants, as `powerAnalysis` says. FIXED_HORIZON and GROUP_SEQUENTIAL start only with it. */
  readonly plannedSampleSize?: InputMaybe<Scalars['Int']['input']>;
  readonly power: Scalars['Float']['input'];
  readonly scale: EffectScale;
  readonly segments: ReadonlyArray<Scalars['String']['input']>;
  readonly spending?: InputMaybe<Scalars['String']['input']>;
  readonly twoSided: Scalars['Boolean']['input'];
};

/** Which variant a user got in one experiment, and why. */
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

/** Why a user has a variant, or none. */
export type AssignmentReason =
  | 'BUCKETED'
  | 'COVERAGE'
  | 'FORCED'
  | 'HOLDOUT'
  | 'LAYER'
  | 'NOT_RUNNING'
  | 'TARGETING'
  | 'UNSUPPORTED';

export type AuditConnection = {
  readonly edges: ReadonlyArray<AuditEdge>;
  readonly nodes: ReadonlyArray<AuditEntry>;
  readonly pageInfo: PageInfo;
};

export type AuditEdge = {
  readonly cursor: Scalars['String']['output'];
  readonly node: AuditEntry;
};

/** A change: who made it, when and why, with what was before and after. Chained by hashes. */
export type AuditEntry = {
  /** The mutation, or `baseline` for what was there before changes were audited, or `changeSigningKey`. */
  readonly action: Scalars['String']['output'];
  readonly after?: Maybe<Scalars['JSON']['output']>;
  readonly at: Scalars['DateTime']['output'];
  /** The fields that the change replaced; null where there was nothing before. */
  readonly before?: Maybe<Scalars['JSON']['output']>;
  /** `experimentation` for what the service did itself. */
  readonly by: Scalars['String']['output'];
  /** SHA-256 of the canonical JSON (RFC 8785) of this entry without `hash`, and with the hash before it as `previous`. */
  readonly hash: Scalars['String']['output'];
  readonly reason: Scalars['String']['output'];
  readonly sequence: Scalars['Int']['output'];
  /** `experiment:KEY`, `metric:KEY`, `layer:KEY`, `holdout:KEY`, `savedGroup:KEY`, `qaOverride:EXPERIMENT` or `snapshot`. */
  readonly subject: Scalars['String']['output'];
};

export type AuditFilter = {
  readonly actions?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  readonly after?: InputMaybe<Scalars['DateTime']['input']>;
  readonly before?: InputMaybe<Scalars['DateTime']['input']>;
  readonly by?: InputMaybe<Scalars['String']['input']>;
  /** Such as `experiment:home-mix`. */
  readonly subject?: InputMaybe<Scalars['String']['input']>;
};

/**
 * A decision that let the first model of a deployment into production, where there was no champion yet that an experiment
 * could compare it with.
 */
export type BootstrapDecision = {
  /** SHA-256 of the artefact that the decision speaks of. */
  readonly artefactHash: Scalars['String']['output'];
  readonly decidedAt: Scalars['DateTime']['output'];
  readonly decidedBy: Scalars['String']['output'];
  /** SHA-256 of the evaluation that it rests on; null where it names none. */
  readonly evaluationHash?: Maybe<Scalars['String']['output']>;
  readonly keyId?: Maybe<Scalars['String']['output']>;
  readonly modelVersion?: Maybe<ModelVersion>;
  readonly modelVersionId: Scalars['ID']['output'];
  readonly rationale: Scalars['String']['output'];
  /** Also those of what it replaced, the oldest first. */
  readonly reviews: ReadonlyArray<Review>;
  /** Counts every accepted change. */
  readonly revision: Scalars['Int']['output'];
  /** When a rollback of the model version revoked it; null where none did. */
  readonly revokedAt?: Maybe<Scalars['DateTime']['output']>;
  /** Ed25519 over the canonical record, base64url; null until it is approved. */
  readonly signature?: Maybe<Scalars['String']['output']>;
  readonly status: BootstrapDecisionStatus;
};

export type BootstrapDecisionPayload = {
  readonly bootstrapDecision?: Maybe<BootstrapDecision>;
  readonly errors: ReadonlyArray<UserError>;
};

/** Where the decision about a first model stands. */
export type BootstrapDecisionStatus =
  /** Signed, and final. */
  | 'APPROVED'
  | 'IN_REVIEW'
  | 'REJECTED';

export type CreateExperimentInput = {
  /** In GrowthBook's operators. */
  readonly condition?: InputMaybe<Scalars['JSON']['input']>;
  readonly coverage: Scalars['Float']['input'];
  readonly exposureTrigger: ExposureTrigger;
  readonly forced?: InputMaybe<ReadonlyArray<ForcedVariantInput>>;
  /** For a HOLDBACK: an experiment with a reviewed decision to SHIP. A variant beside the control has the shipped payload. */
  readonly holdbackOf?: InputMaybe<Scalars['ID']['input']>;
  readonly hypothesis: Scalars['String']['input'];
  readonly key: Scalars['ID']['input'];
  readonly kind: ExperimentKind;
  readonly layer?: InputMaybe<Scalars['ID']['input']>;
  /** What of the layer it shall have; by default the largest range that is free now. It is taken at the start. */
  readonly layerRange?: InputMaybe<LayerRangeInput>;
  readonly metrics: ReadonlyArray<ExperimentMetricInput>;
  readonly name: Scalars['String']['input'];
  readonly owner: Scalars['String']['input'];
  readonly plan: AnalysisPlanInput;
  readonly prerequisites?: InputMaybe<ReadonlyArray<PrerequisiteInput>>;
  readonly surfaces: ReadonlyArray<Scalars['String']['input']>;
  readonly unitType: Scalars['String']['input'];
  readonly variants: ReadonlyArray<VariantInput>;
};

/** How versions may be trained that refresh what was shipped. */
export type DecidedRecipe = {
  readonly algorithm: Scalars['ID']['output'];
  readonly codeVersion: Scalars['String']['output'];
  readonly dataSource: Scalars['String']['output'];
  /** Numbers by their names. */
  readonly parameters: Scalars['JSON']['output'];
};

/** What people concluded from an experiment, and on what. */
export type Decision = {
  /** The analysis that it rests on; null where it names none. The signed record has its hash. */
  readonly analysis?: Maybe<Analysis>;
  /** SHA-256 of the artefact that the decision speaks of. */
  readonly artefactHash?: Maybe<Scalars['String']['output']>;
  readonly decidedAt: Scalars['DateTime']['output'];
  readonly decidedBy: Scalars['String']['output'];
  readonly experiment?: Maybe<Experiment>;
  readonly experimentKey: Scalars['ID']['output'];
  readonly keyId?: Maybe<Scalars['String']['output']>;
  readonly modelVersion?: Maybe<ModelVersion>;
  readonly outcome: DecisionOutcome;
  readonly rationale: Scalars['String']['output'];
  /** By which later versions may be trained and replace this one without an experiment; null where none may. */
  readonly recipe?: Maybe<DecidedRecipe>;
  /** Who approved it last; null until then, and where no approval was needed. */
  readonly reviewedBy?: Maybe<Scalars['String']['output']>;
  /** When a rollback of its model version revoked it; null where none did. */
  readonly revokedAt?: Maybe<Scalars['DateTime']['output']>;
  /** Ed25519 over the canonical record, base64url; null until reviewed. */
  readonly signature?: Maybe<Scalars['String']['output']>;
  readonly variantKey?: Maybe<Scalars['ID']['output']>;
};

export type DecisionConnection = {
  readonly edges: ReadonlyArray<DecisionEdge>;
  readonly nodes: ReadonlyArray<Decision>;
  readonly pageInfo: PageInfo;
  readonly totalCount: Scalars['Int']['output'];
};

export type DecisionEdge = {
  readonly cursor: Scalars['String']['output'];
  readonly node: Decision;
};

export type DecisionFilter = {
  readonly decidedAfter?: InputMaybe<Scalars['DateTime']['input']>;
  readonly decidedBefore?: InputMaybe<Scalars['DateTime']['input']>;
  readonly decidedBy?: InputMaybe<Scalars['String']['input']>;
  readonly modelVersionId?: InputMaybe<Scalars['ID']['input']>;
  readonly outcomes?: InputMaybe<ReadonlyArray<DecisionOutcome>>;
};

/** What is done with the treatment. */
export type DecisionOutcome =
  | 'ITERATE'
  | 'ROLLBACK'
  | 'SHIP';

/** Whether an effect is a difference or a ratio to the control. */
export type EffectScale =
  | 'ABSOLUTE'
  | 'RELATIVE';

/**
 * The units that a saved group listed at a version, such as testers or known robots. Later versions of the group change
 * nothing.
 */
export type ExclusionList = {
  readonly savedGroup: Scalars['ID']['output'];
  readonly version: Scalars['Int']['output'];
};

export type ExclusionListInput = {
  readonly savedGroup: Scalars['ID']['input'];
  /** One that the group has or had. */
  readonly version: Scalars['Int']['input'];
};

/** A comparison of variants on a share of the users, from draft to decision. */
export type Experiment = {
  /** The newest first, of all versions and segments. */
  readonly analyses?: Maybe<AnalysisConnection>;
  /** The oldest change first. */
  readonly audit?: Maybe<AuditConnection>;
  /** Whom it may include, in GrowthBook's operators; null for everyone. */
  readonly condition?: Maybe<Scalars['JSON']['output']>;
  /** Share of the layer's units that may enter, 0 to 1. */
  readonly coverage: Scalars['Float']['output'];
  readonly createdAt: Scalars['DateTime']['output'];
  /** `unknown` where it was created before this was recorded. */
  readonly createdBy: Scalars['String']['output'];
  readonly decision?: Maybe<Decision>;
  /** Leaves out units that are forced for QA. Includes slates that were served on a lower rung. */
  readonly exposureCounts?: Maybe<ReadonlyArray<ExposureCount>>;
  readonly exposureTrigger: ExposureTrigger;
  /** Units that get a variant whatever the other rules say; never counted. */
  readonly forced: ReadonlyArray<ForcedVariant>;
  /** Of the newest stored analysis; null without one. */
  readonly health?: Maybe<ReadonlyArray<HealthCheck>>;
  /** The experiment that has shipped what is held back; null unless it is a HOLDBACK. */
  readonly holdbackOf?: Maybe<Scalars['ID']['output']>;
  readonly hypothesis: Scalars['String']['output'];
  readonly key: Scalars['ID']['output'];
  readonly kind: ExperimentKind;
  readonly layer?: Maybe<Layer>;
  /** What it has of its layer; null outside any layer. */
  readonly layerRange?: Maybe<LayerRange>;
  readonly metrics: ReadonlyArray<ExperimentMetric>;
  readonly name: Scalars['String']['output'];
  readonly owner: Scalars['String']['output'];
  /** Frozen at the start. */
  readonly plan: AnalysisPlan;
  /** Experiments that have to include the unit, too. */
  readonly prerequisites: ReadonlyArray<Prerequisite>;
  /** The newest stored analysis, or the newest at this cutoff: the one with the latest cutoff, and of those the last one stored. */
  readonly results?: Maybe<Analysis>;
  readonly reviews: ReadonlyArray<Review>;
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


/** A comparison of variants on a share of the users, from draft to decision. */
export type ExperimentAnalysesArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first: Scalars['Int']['input'];
};


/** A comparison of variants on a share of the users, from draft to decision. */
export type ExperimentAuditArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first: Scalars['Int']['input'];
};


/** A comparison of variants on a share of the users, from draft to decision. */
export type ExperimentExposureCountsArgs = {
  groupBy: ReadonlyArray<ExposureGroup>;
};


/** A comparison of variants on a share of the users, from draft to decision. */
export type ExperimentResultsArgs = {
  cutoff?: InputMaybe<Scalars['DateTime']['input']>;
  segment?: InputMaybe<Scalars['String']['input']>;
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
  readonly layer?: InputMaybe<Scalars['String']['input']>;
  /** Experiments with a variant that serves this model version. */
  readonly modelVersionId?: InputMaybe<Scalars['ID']['input']>;
  readonly nameContains?: InputMaybe<Scalars['String']['input']>;
  readonly owner?: InputMaybe<Scalars['String']['input']>;
  readonly statuses?: InputMaybe<ReadonlyArray<ExperimentStatus>>;
};

/** What an experiment is for. */
export type ExperimentKind =
  /** Keeps what another experiment has shipped from a few units, to see what it is worth in the long run. */
  | 'HOLDBACK'
  | 'STANDARD';

/** A metric at the version that was the newest when the experiment named it. */
export type ExperimentMetric = {
  /** Relative change that must be shown (success) or excluded (guardrail). */
  readonly margin?: Maybe<Scalars['Float']['output']>;
  readonly metric: Metric;
  readonly role: MetricRole;
};

export type ExperimentMetricInput = {
  readonly margin?: InputMaybe<Scalars['Float']['input']>;
  readonly metricKey: Scalars['ID']['input'];
  readonly role: MetricRole;
};

/** How a list of experiments is sorted. */
export type ExperimentOrder = {
  readonly direction: OrderDirection;
  readonly field: ExperimentOrderField;
};

/** What experiments can be sorted by. */
export type ExperimentOrderField =
  | 'CREATED_AT'
  | 'KEY'
  | 'STARTED_AT';

export type ExperimentPayload = {
  readonly errors: ReadonlyArray<UserError>;
  readonly experiment?: Maybe<Experiment>;
};

/** Where an experiment is in its life. */
export type ExperimentStatus =
  | 'APPROVED'
  | 'ARCHIVED'
  | 'DECIDED'
  | 'DRAFT'
  | 'IN_REVIEW'
  | 'PAUSED'
  | 'RUNNING'
  | 'STOPPED';

/** That a user was assigned in an experiment when a slate was served. */
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

/** How many units of one variant were exposed. */
export type ExposureGroup =
  | 'DAY'
  | 'RUNG'
  | 'SURFACE'
  | 'VARIANT';

/** What became of an exposure on its way to the analysis. */
export type ExposureStatus =
  /** Its trigger event is not stored, and would be refused as too old by now. */
  | 'EXPIRED'
  /** Assigned, but its trigger event is not stored yet. */
  | 'PENDING'
  | 'RECORDED'
  /** Refused by ingest or dead-lettered. */
  | 'REJECTED';

/** When a unit counts as exposed: when a slate is served, or when an item of it is seen. */
export type ExposureTrigger =
  /** Exposed when an item of the slate is first seen (an IMPRESSION that names the slate). */
  | 'IMPRESSION'
  /** Exposed when the slate is served. */
  | 'SERVE';

/** A user who gets one variant whatever the hash says, and is never counted. */
export type ForcedVariant = {
  readonly unit: Scalars['ID']['output'];
  readonly variantKey: Scalars['ID']['output'];
};

export type ForcedVariantInput = {
  readonly unit: Scalars['ID']['input'];
  readonly variantKey: Scalars['ID']['input'];
};

/** A check that an analysis depends on, with its result. */
export type HealthCheck = {
  readonly detail: Scalars['String']['output'];
  readonly expected: ReadonlyArray<Scalars['Float']['output']>;
  readonly kind: HealthCheckKind;
  readonly observed: ReadonlyArray<Scalars['Float']['output']>;
  readonly pValue?: Maybe<Scalars['Float']['output']>;
  readonly passed: Scalars['Boolean']['output'];
};

/** What a health check looks at. */
export type HealthCheckKind =
  | 'MISSING_DATA'
  | 'MULTIPLE_EXPOSURE'
  | 'PRE_EXPOSURE_BALANCE'
  /** Anytime-valid, on all units served. */
  | 'SERVED_SAMPLE_RATIO'
  /** Anytime-valid, on the units whose exposure was triggered. */
  | 'TRIGGERED_SAMPLE_RATIO'
  | 'UNEQUAL_DEGRADATION';

/** A share of all units that is kept out of experiments, so that what they do together can be measured. */
export type Holdout = {
  readonly key: Scalars['ID']['output'];
  /** Layers whose experiments it covers; empty covers every experiment, in a layer or not. */
  readonly layers: ReadonlyArray<Layer>;
  readonly name: Scalars['String']['output'];
  readonly share: Scalars['Float']['output'];
};

export type HoldoutInput = {
  readonly key: Scalars['ID']['input'];
  /** Layers that it covers; empty means all, and experiments outside layers. */
  readonly layers: ReadonlyArray<Scalars['ID']['input']>;
  readonly name: Scalars['String']['input'];
  /** Share of all units kept out, above 0 and below 1, in steps of a ten-thousandth. */
  readonly share: Scalars['Float']['input'];
};

export type HoldoutPayload = {
  readonly errors: ReadonlyArray<UserError>;
  readonly holdout?: Maybe<Holdout>;
};

/** Lower and upper bound. */
export type Interval = {
  readonly estimate: Scalars['Float']['output'];
  /** Null where the interval is open on this side. */
  readonly lower?: Maybe<Scalars['Float']['output']>;
  readonly upper?: Maybe<Scalars['Float']['output']>;
};

/**
 * A space of positions that experiments divide among themselves: a unit has one position in it, so it is in no two of its
 * experiments.
 */
export type Layer = {
  /** Half-open ranges of [0, 1) in order: who holds each, and what is free. Experiments hold theirs from the start to the decision. */
  readonly allocations: ReadonlyArray<LayerAllocation>;
  readonly key: Scalars['ID']['output'];
  readonly name: Scalars['String']['output'];
};

/** The share of a layer that an experiment has. Experiments of one layer never share a user. */
export type LayerAllocation = {
  /** Null where it is free. */
  readonly experiment?: Maybe<Experiment>;
  readonly from: Scalars['Float']['output'];
  readonly to: Scalars['Float']['output'];
};

export type LayerInput = {
  readonly key: Scalars['ID']['input'];
  readonly name: Scalars['String']['input'];
};

export type LayerPayload = {
  readonly errors: ReadonlyArray<UserError>;
  readonly layer?: Maybe<Layer>;
};

/** A half-open range of [0, 1), in steps of a ten-thousandth. */
export type LayerRange = {
  readonly from: Scalars['Float']['output'];
  readonly to: Scalars['Float']['output'];
};

export type LayerRangeInput = {
  readonly from: Scalars['Float']['input'];
  readonly to: Scalars['Float']['input'];
};

/** How many experiments of a period ended with something learned. */
export type LearningRate = {
  /** Experiments whose decision was made in the period, and is final. */
  readonly concluded: Scalars['Int']['output'];
  /** Null where none was concluded. */
  readonly rate?: Maybe<Scalars['Float']['output']>;
  /**
   * Those whose decision rests on a stored analysis that recommends SHIP, ROLLBACK or ITERATE: a valid experiment with a
   * success, a regression, or nothing to see in the planned sample.
   */
  readonly withLearning: Scalars['Int']['output'];
};

/** What is measured of each unit. Its versions never change. */
export type Metric = {
  readonly cap?: Maybe<Scalars['Float']['output']>;
  /** Cap at this percentile of the units' values, 0 to 1. */
  readonly capPercentile?: Maybe<Scalars['Float']['output']>;
  /** Ratios only. */
  readonly denominatorEvent?: Maybe<Scalars['String']['output']>;
  /** The interaction type counted, or the numerator of a ratio. */
  readonly event: Scalars['String']['output'];
  /** Condition on the event's attributes, in the operators of targeting. */
  readonly filter?: Maybe<Scalars['JSON']['output']>;
  readonly key: Scalars['ID']['output'];
  readonly kind: MetricKind;
  readonly lowerIsBetter: Scalars['Boolean']['output'];
  readonly name: Scalars['String']['output'];
  /** Quantiles only, 0 to 1. */
  readonly quantile?: Maybe<Scalars['Float']['output']>;
  readonly version: Scalars['Int']['output'];
  readonly windowHours: Scalars['Int']['output'];
};

export type MetricConnection = {
  readonly edges: ReadonlyArray<MetricEdge>;
  readonly nodes: ReadonlyArray<Metric>;
  readonly pageInfo: PageInfo;
};

export type MetricEdge = {
  readonly cursor: Scalars['String']['output'];
  readonly node: Metric;
};

export type MetricInput = {
  readonly cap?: InputMaybe<Scalars['Float']['input']>;
  readonly capPercentile?: InputMaybe<Scalars['Float']['input']>;
  readonly denominatorEvent?: InputMaybe<Scalars['String']['input']>;
  readonly event: Scalars['String']['input'];
  readonly filter?: InputMaybe<Scalars['JSON']['input']>;
  readonly key: Scalars['ID']['input'];
  readonly kind: MetricKind;
  readonly lowerIsBetter: Scalars['Boolean']['input'];
  readonly name: Scalars['String']['input'];
  readonly quantile?: InputMaybe<Scalars['Float']['input']>;
  readonly windowHours: Scalars['Int']['input'];
};

/** How the events of a unit become its value. */
export type MetricKind =
  | 'COUNT'
  | 'MEAN'
  | 'PROPORTION'
  | 'QUANTILE'
  | 'RATIO';

export type MetricPayload = {
  readonly errors: ReadonlyArray<UserError>;
  readonly metric?: Maybe<Metric>;
};

/** One test of one metric: a treatment against the control. */
export type MetricResult = {
  readonly absolute: Interval;
  /**
   * Holm, for exploration: over all tests with the same role, in a segment over all tests of the attribute. The decision rule
   * has its own correction.
   */
  readonly adjustedPValue?: Maybe<Scalars['Float']['output']>;
  readonly alphaUsed: Scalars['Float']['output'];
  readonly controlMean: Scalars['Float']['output'];
  readonly controlUnits: Scalars['Int']['output'];
  readonly controlVariance: Scalars['Float']['output'];
  /** On the plan's scale; `pValue`, `significant` and the interval belong to it. */
  readonly effect: Interval;
  /**
   * Of a GROUP_SEQUENTIAL plan, all looks so far, for a sequential plot; else empty. The rest of the result is of the first
   * look that crossed its bound, or of the last one.
   */
  readonly looks: ReadonlyArray<SequentialLook>;
  readonly mean: Scalars['Float']['output'];
  readonly method: Scalars['String']['output'];
  /** At the version that was analysed. */
  readonly metric: Metric;
  /** The null value tested against: 0, or the non-inferiority margin. */
  readonly nullValue: Scalars['Float']['output'];
  /** Of a GROUP_SEQUENTIAL plan, one that holds at every look. */
  readonly pValue?: Maybe<Scalars['Float']['output']>;
  /** Null where the control's mean is 0. */
  readonly relative?: Maybe<Interval>;
  /** What the test is for: success and guardrail metrics are tested for deterioration as well. */
  readonly role: MetricRole;
  /** Of an analysis by segment: whose units these are; null for those without the attribute, and for all units. */
  readonly segmentValue?: Maybe<Scalars['String']['output']>;
  readonly significant: Scalars['Boolean']['output'];
  readonly units: Scalars['Int']['output'];
  readonly variance: Scalars['Float']['output'];
  readonly variantKey: Scalars['ID']['output'];
};

/** What a metric decides in an experiment. */
export type MetricRole =
  | 'DETERIORATION'
  | 'GUARDRAIL'
  | 'QUALITY'
  | 'SUCCESS';

/** A definition of a metric, as it is from one version to the next. */
export type MetricVersion = {
  readonly key: Scalars['ID']['output'];
  readonly version: Scalars['Int']['output'];
};

/** A metric that has no result, and why. */
export type MissingResult = {
  readonly metric: Metric;
  /** Such as `too-few-units`. */
  readonly reason: Scalars['String']['output'];
  readonly role: MetricRole;
  readonly segmentValue?: Maybe<Scalars['String']['output']>;
  readonly variantKey: Scalars['ID']['output'];
};

export type ModelVersion = {
  readonly id: Scalars['ID']['output'];
};

export type Mutation = {
  /** Puts a decided experiment away. */
  readonly archiveExperiment?: Maybe<ExperimentPayload>;
  /** Makes a draft. */
  readonly createExperiment?: Maybe<ExperimentPayload>;
  /** Takes effect at once, on experiments that run too, and never changes. */
  readonly createHoldout?: Maybe<HoldoutPayload>;
  /** A layer never changes. */
  readonly createLayer?: Maybe<LayerPayload>;
  /** Defines a metric; the same key again makes its next version. */
  readonly createMetric?: Maybe<MetricPayload>;
  /** The kill switch: stops including units at once, at whatever revision the experiment is; `revision` is not compared. */
  readonly pauseExperiment?: Maybe<ExperimentPayload>;
  /** A token that shows one user one variant for a while, to be passed to `recommendations(qaOverrides:)`. Never counted. */
  readonly qaOverride?: Maybe<QaOverridePayload>;
  /**
   * A decision to let an EVALUATED model version into production as the first one of the deployment; possible until an
   * experiment has shipped a model. Recorded again, it replaces what is not signed. It is final once somebody else has approved it.
   */
  readonly recordBootstrapDecision?: Maybe<BootstrapDecisionPayload>;
  /** A decision about a stopped experiment. It is final once somebody else has approved it. */
  readonly recordDecision?: Maybe<ExperimentPayload>;
  /** Assigns again after a pause. */
  readonly resumeExperiment?: Maybe<ExperimentPayload>;
  /** By somebody other than who decided, always. The last approval signs the decision; a rejection ends it. */
  readonly reviewBootstrapDecision?: Maybe<BootstrapDecisionPayload>;
  /** By somebody other than who decided. The last approval signs the decision and ends the assignment; a rejection removes it. */
  readonly reviewDecision?: Maybe<ExperimentPayload>;
  /** By somebody who has neither created nor edited it. A rejection sends it back to DRAFT. */
  readonly reviewExperiment?: Maybe<ExperimentPayload>;
  /**
   * Analyses the experiment on everything that has been ingested by now, and stores the analysis. It waits some seconds for
   * the result. If it takes longer, the error ANALYSIS_RUNNING says so and the analysis goes on: send the same again, or read
   * `results` later.
   */
  readonly runAnalysis?: Maybe<AnalysisPayload>;
  /**
   * Defines a list of values for `$inGroup` and `$notInGroup`; the same key again replaces it. That takes effect at once, on
   * experiments that run too, and is refused while a stopped experiment targets by it.
   */
  readonly saveGroup?: Maybe<SavedGroupPayload>;
  /** Starts an approved experiment: from now on users are assigned. */
  readonly startExperiment?: Maybe<ExperimentPayload>;
  /** Closes the data. Units keep their variants until the decision, so that nobody's experience changes. */
  readonly stopExperiment?: Maybe<ExperimentPayload>;
  /** Asks somebody else to review a draft. */
  readonly submitForReview?: Maybe<ExperimentPayload>;
  /**
   * An edit sends an experiment that is in review, or approved, back to DRAFT. After the start, another condition, other
   * prerequisites or variants, less coverage and another range of the layer make a new version; more coverage and a wider
   * range add units; metrics and plan are frozen.
   */
  readonly updateExperiment?: Maybe<ExperimentPayload>;
};


export type MutationArchiveExperimentArgs = {
  input: ExperimentActionInput;
};


export type MutationCreateExperimentArgs = {
  input: CreateExperimentInput;
};


export type MutationCreateHoldoutArgs = {
  input: HoldoutInput;
};


export type MutationCreateLayerArgs = {
  input: LayerInput;
};


export type MutationCreateMetricArgs = {
  input: MetricInput;
};


export type MutationPauseExperimentArgs = {
  input: ExperimentActionInput;
};


export type MutationQaOverrideArgs = {
  input: QaOverrideInput;
};


export type MutationRecordBootstrapDecisionArgs = {
  input: RecordBootstrapDecisionInput;
};


export type MutationRecordDecisionArgs = {
  input: RecordDecisionInput;
};


export type MutationResumeExperimentArgs = {
  input: ExperimentActionInput;
};


export type MutationReviewBootstrapDecisionArgs = {
  input: ReviewBootstrapDecisionInput;
};


export type MutationReviewDecisionArgs = {
  input: ReviewInput;
};


export type MutationReviewExperimentArgs = {
  input: ReviewInput;
};


export type MutationRunAnalysisArgs = {
  input: RunAnalysisInput;
};


export type MutationSaveGroupArgs = {
  input: SavedGroupInput;
};


export type MutationStartExperimentArgs = {
  input: ExperimentActionInput;
};


export type MutationStopExperimentArgs = {
  input: ExperimentActionInput;
};


export type MutationSubmitForReviewArgs = {
  input: ExperimentActionInput;
};


export type MutationUpdateExperimentArgs = {
  input: UpdateExperimentInput;
};

/** Ascending or descending. */
export type OrderDirection =
  | 'ASC'
  | 'DESC';

export type PageInfo = {
  readonly endCursor?: Maybe<Scalars['String']['output']>;
  readonly hasNextPage: Scalars['Boolean']['output'];
  readonly hasPreviousPage: Scalars['Boolean']['output'];
  readonly startCursor?: Maybe<Scalars['String']['output']>;
};

/** How many units an experiment needs, and how long that takes. */
export type PowerAnalysis = {
  /** From recent traffic, if every unit may enter; null without any. */
  readonly days?: Maybe<Scalars['Float']['output']>;
  /** Level of the metric's test, and the power that it is planned with, after the corrections of the decision rule. */
  readonly testAlpha: Scalars['Float']['output'];
  readonly testPower: Scalars['Float']['output'];
  /** What `plannedSampleSize` of a plan is. */
  readonly totalUnits: Scalars['Int']['output'];
  /** New units a day of the busiest experiment that ran in the last four weeks, as if it had included everybody. */
  readonly unitsPerDay?: Maybe<Scalars['Float']['output']>;
  /** Of the smallest variant. */
  readonly unitsPerVariant: Scalars['Int']['output'];
  /** In the order of the allocation. */
  readonly variantUnits: ReadonlyArray<Scalars['Int']['output']>;
};

export type PowerAnalysisInput = {
  /** Shares of the variants, control first. */
  readonly allocation: ReadonlyArray<Scalars['Float']['input']>;
  readonly alpha: Scalars['Float']['input'];
  /** Of the control: a proportion, mean, ratio or quantile. */
  readonly baseline: Scalars['Float']['input'];
  /** Correlation with the pre-period covariate, for CUPED. */
  readonly cupedCorrelation?: InputMaybe<Scalars['Float']['input']>;
  readonly guardrailMetrics: Scalars['Int']['input'];
  readonly kind: MetricKind;
  /** How often results are looked at, 2 to 100; for ALWAYS_VALID 14 if left out. */
  readonly looks?: InputMaybe<Scalars['Int']['input']>;
  readonly method: AnalysisMethod;
  /** What is to be found, below 0 for a loss. Of a guardrail, its margin, above 0. */
  readonly minimumEffect: Scalars['Float']['input'];
  readonly power: Scalars['Float']['input'];
  /** Whether this metric is a SUCCESS or a GUARDRAIL; by default a SUCCESS, if the experiment has one. */
  readonly role?: InputMaybe<MetricRole>;
  readonly scale: EffectScale;
  /** GROUP_SEQUENTIAL only, as in a plan; OBRIEN_FLEMING if left out. */
  readonly spending?: InputMaybe<Scalars['String']['input']>;
  readonly successMetrics: Scalars['Int']['input'];
  readonly twoSided: Scalars['Boolean']['input'];
  /** Of one unit, as `controlVariance` of a result. Required but for proportions. */
  readonly variance?: InputMaybe<Scalars['Float']['input']>;
  /** Whether alpha and power are of the whole decision rule, as in a plan, or of this test alone. */
  readonly wholeRule: Scalars['Boolean']['input'];
};

/** Another experiment that a user must have a given variant of. */
export type Prerequisite = {
  readonly experimentKey: Scalars['ID']['output'];
  /** One of these; null for any variant. */
  readonly variantKeys?: Maybe<ReadonlyArray<Scalars['ID']['output']>>;
};

export type PrerequisiteInput = {
  readonly experimentKey: Scalars['ID']['input'];
  /** One of these; any variant if left out. */
  readonly variantKeys?: InputMaybe<ReadonlyArray<Scalars['ID']['input']>>;
};

export type QaOverrideInput = {
  readonly experimentKey: Scalars['ID']['input'];
  /** How long it holds, at most 10,080 (a week). */
  readonly minutes: Scalars['Int']['input'];
  readonly unit: Scalars['ID']['input'];
  readonly variantKey: Scalars['ID']['input'];
};

export type QaOverridePayload = {
  readonly errors: ReadonlyArray<UserError>;
  readonly expiresAt?: Maybe<Scalars['DateTime']['output']>;
  readonly token?: Maybe<Scalars['String']['output']>;
};

export type Query = {
  /** The assignments of a unit in the newest snapshot, or in the one of this version: a pure function of snapshot, unit and attributes. */
  readonly assignments?: Maybe<ReadonlyArray<Assignment>>;
  /** Every change, the oldest first. A page ends early where its entries take more than a mebibyte. */
  readonly auditLog?: Maybe<AuditConnection>;
  /** Decisions that let the first model of a deployment into production; few, and kept for ever. */
  readonly bootstrapDecisions?: Maybe<ReadonlyArray<BootstrapDecision>>;
  /** The newest decision first. */
  readonly decisions?: Maybe<DecisionConnection>;
  /** The experiment with this key; null where there is none. */
  readonly experiment?: Maybe<Experiment>;
  /** Experiments, as filtered and sorted. */
  readonly experiments?: Maybe<ExperimentConnection>;
  /** Share of the concluded experiments of a period that ended in a valid learning. `to` is exclusive; at most 366 days. */
  readonly experimentsWithLearning?: Maybe<LearningRate>;
  /** By key. */
  readonly holdouts?: Maybe<ReadonlyArray<Holdout>>;
  /** By key. */
  readonly layers?: Maybe<ReadonlyArray<Layer>>;
  /** The newest version of a metric. */
  readonly metric?: Maybe<Metric>;
  /** The newest version of each metric, by key. */
  readonly metrics?: Maybe<MetricConnection>;
  /**
   * How many units an experiment needs for an effect to be found, at the levels that the decision rule leaves each test. Has no
   * effect; refused input is a BAD_USER_INPUT that names every problem.
   */
  readonly powerAnalysis?: Maybe<PowerAnalysis>;
  /** The newest version of each, by key. */
  readonly savedGroups?: Maybe<ReadonlyArray<SavedGroup>>;
};


export type QueryAssignmentsArgs = {
  attributes?: InputMaybe<Scalars['JSON']['input']>;
  snapshotVersion?: InputMaybe<Scalars['Int']['input']>;
  unit: Scalars['ID']['input'];
};


export type QueryAuditLogArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<AuditFilter>;
  first: Scalars['Int']['input'];
};


export type QueryDecisionsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<DecisionFilter>;
  first: Scalars['Int']['input'];
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


export type QueryExperimentsWithLearningArgs = {
  from: Scalars['DateTime']['input'];
  to: Scalars['DateTime']['input'];
};


export type QueryMetricArgs = {
  key: Scalars['ID']['input'];
};


export type QueryMetricsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first: Scalars['Int']['input'];
};


export type QueryPowerAnalysisArgs = {
  input: PowerAnalysisInput;
};

/** How a model version was trained. */
export type RecipeInput = {
  /** Such as ease. */
  readonly algorithm: Scalars['ID']['input'];
  /** Of what trains it. */
  readonly codeVersion: Scalars['String']['input'];
  /** What it learns from. */
  readonly dataSource: Scalars['String']['input'];
  /** Every parameter by its name, a number each. */
  readonly parameters: Scalars['JSON']['input'];
};

export type RecommendationSlate = {
  readonly exposureContext: Scalars['String']['output'];
  /** Null if experimentation did not answer in time; the rest of the slate is valid without it. */
  readonly exposures?: Maybe<ReadonlyArray<Exposure>>;
  readonly id: Scalars['ID']['output'];
};

export type RecordBootstrapDecisionInput = {
  /** SHA-256 of the evaluation that it rests on, in hex. */
  readonly evaluationHash?: InputMaybe<Scalars['String']['input']>;
  /** One that personalization has reported as EVALUATED. */
  readonly modelVersionId: Scalars['ID']['input'];
  readonly rationale: Scalars['String']['input'];
};

export type RecordDecisionInput = {
  /** The stored analysis that it rests on, of the experiment's current version. Left out, the decision rests on none. */
  readonly analysisId?: InputMaybe<Scalars['ID']['input']>;
  readonly key: Scalars['ID']['input'];
  /** One that a variant serves; by default the one of `variantKey`. */
  readonly modelVersionId?: InputMaybe<Scalars['ID']['input']>;
  readonly outcome: DecisionOutcome;
  readonly rationale: Scalars['String']['input'];
  /**
   * For a SHIP of a model version: what is trained anew by this recipe may replace it later, without an experiment, once it has
   * passed every gate and a canary. It is the version's own, as `modelVersion { recipe }` gives it. With any other, or with
   * none, the decision lets in this artefact alone.
   */
  readonly recipe?: InputMaybe<RecipeInput>;
  readonly revision: Scalars['Int']['input'];
  /** Required for SHIP. */
  readonly variantKey?: InputMaybe<Scalars['ID']['input']>;
};

/** What one person says of a start or a decision. */
export type Review = {
  readonly approved: Scalars['Boolean']['output'];
  readonly at: Scalars['DateTime']['output'];
  readonly by: Scalars['String']['output'];
  readonly comment: Scalars['String']['output'];
};

export type ReviewBootstrapDecisionInput = {
  readonly approved: Scalars['Boolean']['input'];
  readonly comment: Scalars['String']['input'];
  readonly modelVersionId: Scalars['ID']['input'];
  readonly revision: Scalars['Int']['input'];
};

export type ReviewInput = {
  readonly approved: Scalars['Boolean']['input'];
  readonly comment: Scalars['String']['input'];
  readonly key: Scalars['ID']['input'];
  readonly revision: Scalars['Int']['input'];
};

export type RunAnalysisInput = {
  /** Defaults to now. What occurred from then on does not count. */
  readonly cutoff?: InputMaybe<Scalars['DateTime']['input']>;
  readonly key: Scalars['ID']['input'];
};

/** Values that conditions name by one key. */
export type SavedGroup = {
  readonly key: Scalars['ID']['output'];
  readonly name: Scalars['String']['output'];
  /** Texts and numbers. */
  readonly values: ReadonlyArray<Scalars['JSON']['output']>;
  /** Counts every change; earlier versions are in the audit log. */
  readonly version: Scalars['Int']['output'];
};

export type SavedGroupInput = {
  readonly key: Scalars['ID']['input'];
  readonly name: Scalars['String']['input'];
  /** Texts and numbers, at most 10,000. */
  readonly values: ReadonlyArray<Scalars['JSON']['input']>;
};

export type SavedGroupPayload = {
  readonly errors: ReadonlyArray<UserError>;
  readonly savedGroup?: Maybe<SavedGroup>;
};

/** A value of a segment, with the result for its units. */
export type SegmentValue = {
  readonly units: Scalars['Int']['output'];
  /** Null for units whose first exposure has no such attribute. */
  readonly value?: Maybe<Scalars['String']['output']>;
};

/** One test at one look. */
export type SequentialLook = {
  /** In standard errors. */
  readonly bound: Scalars['Float']['output'];
  readonly crossed: Scalars['Boolean']['output'];
  readonly cutoff: Scalars['DateTime']['output'];
  /** With the repeated confidence interval, which holds at all looks together; null where the look has no result. */
  readonly effect?: Maybe<Interval>;
  readonly fraction: Scalars['Float']['output'];
  /** The bound as a level: crossed when `pValue` is below it. */
  readonly nominalAlpha: Scalars['Float']['output'];
  /** Of this look alone. */
  readonly pValue?: Maybe<Scalars['Float']['output']>;
  /** What the looks up to this one may spend of `alphaUsed`. */
  readonly spent: Scalars['Float']['output'];
  readonly units: Scalars['Int']['output'];
};

/** What is left out stays as it is; a list or a plan is replaced as a whole. */
export type UpdateExperimentInput = {
  /** `{}` removes it. */
  readonly condition?: InputMaybe<Scalars['JSON']['input']>;
  readonly coverage?: InputMaybe<Scalars['Float']['input']>;
  readonly forced?: InputMaybe<ReadonlyArray<ForcedVariantInput>>;
  readonly hypothesis?: InputMaybe<Scalars['String']['input']>;
  readonly key: Scalars['ID']['input'];
  readonly layerRange?: InputMaybe<LayerRangeInput>;
  readonly metrics?: InputMaybe<ReadonlyArray<ExperimentMetricInput>>;
  readonly name?: InputMaybe<Scalars['String']['input']>;
  readonly plan?: InputMaybe<AnalysisPlanInput>;
  readonly prerequisites?: InputMaybe<ReadonlyArray<PrerequisiteInput>>;
  /** For the audit log. */
  readonly reason: Scalars['String']['input'];
  readonly revision: Scalars['Int']['input'];
  readonly variants?: InputMaybe<ReadonlyArray<VariantInput>>;
};

/** A person, known to both subgraphs by the same id. */
export type User = {
  readonly assignments?: Maybe<ReadonlyArray<Assignment>>;
  readonly id: Scalars['ID']['output'];
};


/** A person, known to both subgraphs by the same id. */
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

/** A side of an experiment: what is served to its users. */
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

/** What the decision rule recommends. The decision is a person's. */
export type Verdict = {
  readonly reasons: ReadonlyArray<VerdictReason>;
  readonly recommendation: VerdictKind;
  /** The treatment to ship; null unless the recommendation is SHIP. */
  readonly variantKey?: Maybe<Scalars['ID']['output']>;
};

/** What the decision rule advises. */
export type VerdictKind =
  /** The plan's sample is not reached. */
  | 'CONTINUE'
  /** A health check failed: no conclusion. */
  | 'INVALID'
  | 'ITERATE'
  | 'ROLLBACK'
  | 'SHIP';

/** A leaf of the decision rule, with its outcome. */
export type VerdictReason = {
  readonly detail: Scalars['String']['output'];
  readonly holds: Scalars['Boolean']['output'];
  readonly rule: Scalars['String']['output'];
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
  Analysis: ResolverTypeWrapper<AnalysisParent>;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  AnalysisConnection: ResolverTypeWrapper<AnalysisConnectionParent>;
  AnalysisEdge: ResolverTypeWrapper<Omit<AnalysisEdge, 'node'> & { node: ResolversTypes['Analysis'] }>;
  AnalysisEngine: AnalysisEngine;
  AnalysisLook: ResolverTypeWrapper<AnalysisLook>;
  Float: ResolverTypeWrapper<Scalars['Float']['output']>;
  AnalysisMethod: AnalysisMethod;
  AnalysisPayload: ResolverTypeWrapper<Omit<AnalysisPayload, 'analysis'> & { analysis?: Maybe<ResolversTypes['Analysis']> }>;
  AnalysisPlan: ResolverTypeWrapper<AnalysisPlanParent>;
  AnalysisPlanInput: AnalysisPlanInput;
  Assignment: ResolverTypeWrapper<AssignmentParent>;
  AssignmentReason: AssignmentReason;
  AuditConnection: ResolverTypeWrapper<AuditConnectionParent>;
  AuditEdge: ResolverTypeWrapper<Omit<AuditEdge, 'node'> & { node: ResolversTypes['AuditEntry'] }>;
  AuditEntry: ResolverTypeWrapper<AuditEntryParent>;
  AuditFilter: AuditFilter;
  BootstrapDecision: ResolverTypeWrapper<BootstrapDecisionParent>;
  BootstrapDecisionPayload: ResolverTypeWrapper<Omit<BootstrapDecisionPayload, 'bootstrapDecision'> & { bootstrapDecision?: Maybe<ResolversTypes['BootstrapDecision']> }>;
  BootstrapDecisionStatus: BootstrapDecisionStatus;
  CreateExperimentInput: CreateExperimentInput;
  DateTime: ResolverTypeWrapper<Scalars['DateTime']['output']>;
  DecidedRecipe: ResolverTypeWrapper<DecidedRecipe>;
  Decision: ResolverTypeWrapper<DecisionParent>;
  DecisionConnection: ResolverTypeWrapper<DecisionConnectionParent>;
  DecisionEdge: ResolverTypeWrapper<Omit<DecisionEdge, 'node'> & { node: ResolversTypes['Decision'] }>;
  DecisionFilter: DecisionFilter;
  DecisionOutcome: DecisionOutcome;
  EffectScale: EffectScale;
  ExclusionList: ResolverTypeWrapper<ExclusionList>;
  ExclusionListInput: ExclusionListInput;
  Experiment: ResolverTypeWrapper<ExperimentParent>;
  ExperimentActionInput: ExperimentActionInput;
  ExperimentConnection: ResolverTypeWrapper<ExperimentConnectionParent>;
  ExperimentEdge: ResolverTypeWrapper<Omit<ExperimentEdge, 'node'> & { node: ResolversTypes['Experiment'] }>;
  ExperimentFilter: ExperimentFilter;
  ExperimentKind: ExperimentKind;
  ExperimentMetric: ResolverTypeWrapper<ExperimentMetricParent>;
  ExperimentMetricInput: ExperimentMetricInput;
  ExperimentOrder: ExperimentOrder;
  ExperimentOrderField: ExperimentOrderField;
  ExperimentPayload: ResolverTypeWrapper<Omit<ExperimentPayload, 'experiment'> & { experiment?: Maybe<ResolversTypes['Experiment']> }>;
  ExperimentStatus: ExperimentStatus;
  Exposure: ResolverTypeWrapper<ExposureParent>;
  ExposureCount: ResolverTypeWrapper<ExposureCount>;
  ExposureGroup: ExposureGroup;
  ExposureStatus: ExposureStatus;
  ExposureTrigger: ExposureTrigger;
  ForcedVariant: ResolverTypeWrapper<ForcedVariant>;
  ForcedVariantInput: ForcedVariantInput;
  HealthCheck: ResolverTypeWrapper<HealthCheck>;
  HealthCheckKind: HealthCheckKind;
  Holdout: ResolverTypeWrapper<HoldoutParent>;
  HoldoutInput: HoldoutInput;
  HoldoutPayload: ResolverTypeWrapper<Omit<HoldoutPayload, 'holdout'> & { holdout?: Maybe<ResolversTypes['Holdout']> }>;
  Interval: ResolverTypeWrapper<Interval>;
  JSON: ResolverTypeWrapper<Scalars['JSON']['output']>;
  Layer: ResolverTypeWrapper<LayerParent>;
  LayerAllocation: ResolverTypeWrapper<LayerAllocationParent>;
  LayerInput: LayerInput;
  LayerPayload: ResolverTypeWrapper<Omit<LayerPayload, 'layer'> & { layer?: Maybe<ResolversTypes['Layer']> }>;
  LayerRange: ResolverTypeWrapper<LayerRange>;
  LayerRangeInput: LayerRangeInput;
  LearningRate: ResolverTypeWrapper<LearningRate>;
  Metric: ResolverTypeWrapper<MetricParent>;
  MetricConnection: ResolverTypeWrapper<MetricConnectionParent>;
  MetricEdge: ResolverTypeWrapper<Omit<MetricEdge, 'node'> & { node: ResolversTypes['Metric'] }>;
  MetricInput: MetricInput;
  MetricKind: MetricKind;
  MetricPayload: ResolverTypeWrapper<Omit<MetricPayload, 'metric'> & { metric?: Maybe<ResolversTypes['Metric']> }>;
  MetricResult: ResolverTypeWrapper<MetricResultParent>;
  MetricRole: MetricRole;
  MetricVersion: ResolverTypeWrapper<MetricVersion>;
  MissingResult: ResolverTypeWrapper<MissingResultParent>;
  ModelVersion: ResolverTypeWrapper<ModelVersionParent>;
  Mutation: ResolverTypeWrapper<Record<PropertyKey, never>>;
  OrderDirection: OrderDirection;
  PageInfo: ResolverTypeWrapper<PageInfo>;
  PowerAnalysis: ResolverTypeWrapper<PowerAnalysis>;
  PowerAnalysisInput: PowerAnalysisInput;
  Prerequisite: ResolverTypeWrapper<Prerequisite>;
  PrerequisiteInput: PrerequisiteInput;
  QaOverrideInput: QaOverrideInput;
  QaOverridePayload: ResolverTypeWrapper<QaOverridePayload>;
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  RecipeInput: RecipeInput;
  RecommendationSlate: ResolverTypeWrapper<SlateParent>;
  RecordBootstrapDecisionInput: RecordBootstrapDecisionInput;
  RecordDecisionInput: RecordDecisionInput;
  Review: ResolverTypeWrapper<ReviewParent>;
  ReviewBootstrapDecisionInput: ReviewBootstrapDecisionInput;
  ReviewInput: ReviewInput;
  RunAnalysisInput: RunAnalysisInput;
  SavedGroup: ResolverTypeWrapper<SavedGroupParent>;
  SavedGroupInput: SavedGroupInput;
  SavedGroupPayload: ResolverTypeWrapper<Omit<SavedGroupPayload, 'savedGroup'> & { savedGroup?: Maybe<ResolversTypes['SavedGroup']> }>;
  SegmentValue: ResolverTypeWrapper<SegmentValue>;
  SequentialLook: ResolverTypeWrapper<SequentialLook>;
  UpdateExperimentInput: UpdateExperimentInput;
  User: ResolverTypeWrapper<UserParent>;
  UserError: ResolverTypeWrapper<UserError>;
  Variant: ResolverTypeWrapper<VariantParent>;
  VariantInput: VariantInput;
  Verdict: ResolverTypeWrapper<Verdict>;
  VerdictKind: VerdictKind;
  VerdictReason: ResolverTypeWrapper<VerdictReason>;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  Analysis: AnalysisParent;
  String: Scalars['String']['output'];
  Boolean: Scalars['Boolean']['output'];
  Int: Scalars['Int']['output'];
  ID: Scalars['ID']['output'];
  AnalysisConnection: AnalysisConnectionParent;
  AnalysisEdge: Omit<AnalysisEdge, 'node'> & { node: ResolversParentTypes['Analysis'] };
  AnalysisLook: AnalysisLook;
  Float: Scalars['Float']['output'];
  AnalysisPayload: Omit<AnalysisPayload, 'analysis'> & { analysis?: Maybe<ResolversParentTypes['Analysis']> };
  AnalysisPlan: AnalysisPlanParent;
  AnalysisPlanInput: AnalysisPlanInput;
  Assignment: AssignmentParent;
  AuditConnection: AuditConnectionParent;
  AuditEdge: Omit<AuditEdge, 'node'> & { node: ResolversParentTypes['AuditEntry'] };
  AuditEntry: AuditEntryParent;
  AuditFilter: AuditFilter;
  BootstrapDecision: BootstrapDecisionParent;
  BootstrapDecisionPayload: Omit<BootstrapDecisionPayload, 'bootstrapDecision'> & { bootstrapDecision?: Maybe<ResolversParentTypes['BootstrapDecision']> };
  CreateExperimentInput: CreateExperimentInput;
  DateTime: Scalars['DateTime']['output'];
  DecidedRecipe: DecidedRecipe;
  Decision: DecisionParent;
  DecisionConnection: DecisionConnectionParent;
  DecisionEdge: Omit<DecisionEdge, 'node'> & { node: ResolversParentTypes['Decision'] };
  DecisionFilter: DecisionFilter;
  ExclusionList: ExclusionList;
  ExclusionListInput: ExclusionListInput;
  Experiment: ExperimentParent;
  ExperimentActionInput: ExperimentActionInput;
  ExperimentConnection: ExperimentConnectionParent;
  ExperimentEdge: Omit<ExperimentEdge, 'node'> & { node: ResolversParentTypes['Experiment'] };
  ExperimentFilter: ExperimentFilter;
  ExperimentMetric: ExperimentMetricParent;
  ExperimentMetricInput: ExperimentMetricInput;
  ExperimentOrder: ExperimentOrder;
  ExperimentPayload: Omit<ExperimentPayload, 'experiment'> & { experiment?: Maybe<ResolversParentTypes['Experiment']> };
  Exposure: ExposureParent;
  ExposureCount: ExposureCount;
  ForcedVariant: ForcedVariant;
  ForcedVariantInput: ForcedVariantInput;
  HealthCheck: HealthCheck;
  Holdout: HoldoutParent;
  HoldoutInput: HoldoutInput;
  HoldoutPayload: Omit<HoldoutPayload, 'holdout'> & { holdout?: Maybe<ResolversParentTypes['Holdout']> };
  Interval: Interval;
  JSON: Scalars['JSON']['output'];
  Layer: LayerParent;
  LayerAllocation: LayerAllocationParent;
  LayerInput: LayerInput;
  LayerPayload: Omit<LayerPayload, 'layer'> & { layer?: Maybe<ResolversParentTypes['Layer']> };
  LayerRange: LayerRange;
  LayerRangeInput: LayerRangeInput;
  LearningRate: LearningRate;
  Metric: MetricParent;
  MetricConnection: MetricConnectionParent;
  MetricEdge: Omit<MetricEdge, 'node'> & { node: ResolversParentTypes['Metric'] };
  MetricInput: MetricInput;
  MetricPayload: Omit<MetricPayload, 'metric'> & { metric?: Maybe<ResolversParentTypes['Metric']> };
  MetricResult: MetricResultParent;
  MetricVersion: MetricVersion;
  MissingResult: MissingResultParent;
  ModelVersion: ModelVersionParent;
  Mutation: Record<PropertyKey, never>;
  PageInfo: PageInfo;
  PowerAnalysis: PowerAnalysis;
  PowerAnalysisInput: PowerAnalysisInput;
  Prerequisite: Prerequisite;
  PrerequisiteInput: PrerequisiteInput;
  QaOverrideInput: QaOverrideInput;
  QaOverridePayload: QaOverridePayload;
  Query: Record<PropertyKey, never>;
  RecipeInput: RecipeInput;
  RecommendationSlate: SlateParent;
  RecordBootstrapDecisionInput: RecordBootstrapDecisionInput;
  RecordDecisionInput: RecordDecisionInput;
  Review: ReviewParent;
  ReviewBootstrapDecisionInput: ReviewBootstrapDecisionInput;
  ReviewInput: ReviewInput;
  RunAnalysisInput: RunAnalysisInput;
  SavedGroup: SavedGroupParent;
  SavedGroupInput: SavedGroupInput;
  SavedGroupPayload: Omit<SavedGroupPayload, 'savedGroup'> & { savedGroup?: Maybe<ResolversParentTypes['SavedGroup']> };
  SegmentValue: SegmentValue;
  SequentialLook: SequentialLook;
  UpdateExperimentInput: UpdateExperimentInput;
  User: UserParent;
  UserError: UserError;
  Variant: VariantParent;
  VariantInput: VariantInput;
  Verdict: Verdict;
  VerdictReason: VerdictReason;
};

export type AnalysisResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Analysis'] = ResolversParentTypes['Analysis']> = {
  asOf?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  bySegment?: Resolver<ReadonlyArray<ResolversTypes['Analysis']>, ParentType, ContextType>;
  codeVersion?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  complete?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  cutoff?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  engine?: Resolver<ResolversTypes['AnalysisEngine'], ParentType, ContextType>;
  experimentVersion?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  final?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  hash?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  health?: Resolver<ReadonlyArray<ResolversTypes['HealthCheck']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  inputsErased?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  looks?: Resolver<ReadonlyArray<ResolversTypes['AnalysisLook']>, ParentType, ContextType>;
  metricVersions?: Resolver<ReadonlyArray<ResolversTypes['MetricVersion']>, ParentType, ContextType>;
  metrics?: Resolver<ReadonlyArray<ResolversTypes['MetricResult']>, ParentType, ContextType>;
  missing?: Resolver<ReadonlyArray<ResolversTypes['MissingResult']>, ParentType, ContextType>;
  plan?: Resolver<ResolversTypes['AnalysisPlan'], ParentType, ContextType>;
  requestedBy?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  segment?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  segmentOmittedUnits?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  segmentValues?: Resolver<ReadonlyArray<ResolversTypes['SegmentValue']>, ParentType, ContextType>;
  sql?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  units?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  verdict?: Resolver<ResolversTypes['Verdict'], ParentType, ContextType>;
};

export type AnalysisConnectionResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['AnalysisConnection'] = ResolversParentTypes['AnalysisConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['AnalysisEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['Analysis']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type AnalysisEdgeResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['AnalysisEdge'] = ResolversParentTypes['AnalysisEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Analysis'], ParentType, ContextType>;
};

export type AnalysisLookResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['AnalysisLook'] = ResolversParentTypes['AnalysisLook']> = {
  cutoff?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  fraction?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  units?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type AnalysisPayloadResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['AnalysisPayload'] = ResolversParentTypes['AnalysisPayload']> = {
  analysis?: Resolver<Maybe<ResolversTypes['Analysis']>, ParentType, ContextType>;
  errors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type AnalysisPlanResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['AnalysisPlan'] = ResolversParentTypes['AnalysisPlan']> = {
  alpha?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  cuped?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  exclusions?: Resolver<ReadonlyArray<ResolversTypes['ExclusionList']>, ParentType, ContextType>;
  hash?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  looks?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  method?: Resolver<ResolversTypes['AnalysisMethod'], ParentType, ContextType>;
  noAnalysis?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  plannedEnd?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  plannedSampleSize?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  power?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  scale?: Resolver<ResolversTypes['EffectScale'], ParentType, ContextType>;
  segments?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  spending?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  twoSided?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
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

export type AuditConnectionResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['AuditConnection'] = ResolversParentTypes['AuditConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['AuditEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['AuditEntry']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type AuditEdgeResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['AuditEdge'] = ResolversParentTypes['AuditEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['AuditEntry'], ParentType, ContextType>;
};

export type AuditEntryResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['AuditEntry'] = ResolversParentTypes['AuditEntry']> = {
  action?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  after?: Resolver<Maybe<ResolversTypes['JSON']>, ParentType, ContextType>;
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  before?: Resolver<Maybe<ResolversTypes['JSON']>, ParentType, ContextType>;
  by?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  hash?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  reason?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  sequence?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  subject?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type BootstrapDecisionResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['BootstrapDecision'] = ResolversParentTypes['BootstrapDecision']> = {
  artefactHash?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  decidedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  decidedBy?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  evaluationHash?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  keyId?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  modelVersion?: Resolver<Maybe<ResolversTypes['ModelVersion']>, ParentType, ContextType>;
  modelVersionId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  rationale?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  reviews?: Resolver<ReadonlyArray<ResolversTypes['Review']>, ParentType, ContextType>;
  revision?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  revokedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  signature?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  status?: Resolver<ResolversTypes['BootstrapDecisionStatus'], ParentType, ContextType>;
};

export type BootstrapDecisionPayloadResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['BootstrapDecisionPayload'] = ResolversParentTypes['BootstrapDecisionPayload']> = {
  bootstrapDecision?: Resolver<Maybe<ResolversTypes['BootstrapDecision']>, ParentType, ContextType>;
  errors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export interface DateTimeScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['DateTime'], any> {
  name: 'DateTime';
}

export type DecidedRecipeResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['DecidedRecipe'] = ResolversParentTypes['DecidedRecipe']> = {
  algorithm?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  codeVersion?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  dataSource?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  parameters?: Resolver<ResolversTypes['JSON'], ParentType, ContextType>;
};

export type DecisionResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Decision'] = ResolversParentTypes['Decision']> = {
  analysis?: Resolver<Maybe<ResolversTypes['Analysis']>, ParentType, ContextType>;
  artefactHash?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  decidedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  decidedBy?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  experiment?: Resolver<Maybe<ResolversTypes['Experiment']>, ParentType, ContextType>;
  experimentKey?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  keyId?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  modelVersion?: Resolver<Maybe<ResolversTypes['ModelVersion']>, ParentType, ContextType>;
  outcome?: Resolver<ResolversTypes['DecisionOutcome'], ParentType, ContextType>;
  rationale?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  recipe?: Resolver<Maybe<ResolversTypes['DecidedRecipe']>, ParentType, ContextType>;
  reviewedBy?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  revokedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  signature?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  variantKey?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
};

export type DecisionConnectionResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['DecisionConnection'] = ResolversParentTypes['DecisionConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['DecisionEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['Decision']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type DecisionEdgeResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['DecisionEdge'] = ResolversParentTypes['DecisionEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Decision'], ParentType, ContextType>;
};

export type ExclusionListResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['ExclusionList'] = ResolversParentTypes['ExclusionList']> = {
  savedGroup?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  version?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type ExperimentResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Experiment'] = ResolversParentTypes['Experiment'], FederationReferenceType extends FederationReferenceTypes['Experiment'] = FederationReferenceTypes['Experiment']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['Experiment']> | FederationReferenceType, FederationReferenceType, ContextType>;
  analyses?: Resolver<Maybe<ResolversTypes['AnalysisConnection']>, ParentType, ContextType, RequireFields<ExperimentAnalysesArgs, 'first'>>;
  audit?: Resolver<Maybe<ResolversTypes['AuditConnection']>, ParentType, ContextType, RequireFields<ExperimentAuditArgs, 'first'>>;
  condition?: Resolver<Maybe<ResolversTypes['JSON']>, ParentType, ContextType>;
  coverage?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  createdBy?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  decision?: Resolver<Maybe<ResolversTypes['Decision']>, ParentType, ContextType>;
  exposureCounts?: Resolver<Maybe<ReadonlyArray<ResolversTypes['ExposureCount']>>, ParentType, ContextType, RequireFields<ExperimentExposureCountsArgs, 'groupBy'>>;
  exposureTrigger?: Resolver<ResolversTypes['ExposureTrigger'], ParentType, ContextType>;
  forced?: Resolver<ReadonlyArray<ResolversTypes['ForcedVariant']>, ParentType, ContextType>;
  health?: Resolver<Maybe<ReadonlyArray<ResolversTypes['HealthCheck']>>, ParentType, ContextType>;
  holdbackOf?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
  hypothesis?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  key?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['ExperimentKind'], ParentType, ContextType>;
  layer?: Resolver<Maybe<ResolversTypes['Layer']>, ParentType, ContextType>;
  layerRange?: Resolver<Maybe<ResolversTypes['LayerRange']>, ParentType, ContextType>;
  metrics?: Resolver<ReadonlyArray<ResolversTypes['ExperimentMetric']>, ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  owner?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  plan?: Resolver<ResolversTypes['AnalysisPlan'], ParentType, ContextType>;
  prerequisites?: Resolver<ReadonlyArray<ResolversTypes['Prerequisite']>, ParentType, ContextType>;
  results?: Resolver<Maybe<ResolversTypes['Analysis']>, ParentType, ContextType, Partial<ExperimentResultsArgs>>;
  reviews?: Resolver<ReadonlyArray<ResolversTypes['Review']>, ParentType, ContextType>;
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

export type ExperimentMetricResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['ExperimentMetric'] = ResolversParentTypes['ExperimentMetric']> = {
  margin?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  metric?: Resolver<ResolversTypes['Metric'], ParentType, ContextType>;
  role?: Resolver<ResolversTypes['MetricRole'], ParentType, ContextType>;
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

export type ForcedVariantResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['ForcedVariant'] = ResolversParentTypes['ForcedVariant']> = {
  unit?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  variantKey?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
};

export type HealthCheckResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['HealthCheck'] = ResolversParentTypes['HealthCheck']> = {
  detail?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  expected?: Resolver<ReadonlyArray<ResolversTypes['Float']>, ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['HealthCheckKind'], ParentType, ContextType>;
  observed?: Resolver<ReadonlyArray<ResolversTypes['Float']>, ParentType, ContextType>;
  pValue?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  passed?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
};

export type HoldoutResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Holdout'] = ResolversParentTypes['Holdout']> = {
  key?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  layers?: Resolver<ReadonlyArray<ResolversTypes['Layer']>, ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  share?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
};

export type HoldoutPayloadResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['HoldoutPayload'] = ResolversParentTypes['HoldoutPayload']> = {
  errors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
  holdout?: Resolver<Maybe<ResolversTypes['Holdout']>, ParentType, ContextType>;
};

export type IntervalResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Interval'] = ResolversParentTypes['Interval']> = {
  estimate?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  lower?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  upper?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
};

export interface JsonScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['JSON'], any> {
  name: 'JSON';
}

export type LayerResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Layer'] = ResolversParentTypes['Layer']> = {
  allocations?: Resolver<ReadonlyArray<ResolversTypes['LayerAllocation']>, ParentType, ContextType>;
  key?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type LayerAllocationResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['LayerAllocation'] = ResolversParentTypes['LayerAllocation']> = {
  experiment?: Resolver<Maybe<ResolversTypes['Experiment']>, ParentType, ContextType>;
  from?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  to?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
};

export type LayerPayloadResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['LayerPayload'] = ResolversParentTypes['LayerPayload']> = {
  errors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
  layer?: Resolver<Maybe<ResolversTypes['Layer']>, ParentType, ContextType>;
};

export type LayerRangeResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['LayerRange'] = ResolversParentTypes['LayerRange']> = {
  from?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  to?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
};

export type LearningRateResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['LearningRate'] = ResolversParentTypes['LearningRate']> = {
  concluded?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  rate?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  withLearning?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type MetricResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Metric'] = ResolversParentTypes['Metric']> = {
  cap?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  capPercentile?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  denominatorEvent?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  event?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  filter?: Resolver<Maybe<ResolversTypes['JSON']>, ParentType, ContextType>;
  key?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['MetricKind'], ParentType, ContextType>;
  lowerIsBetter?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  quantile?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  version?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  windowHours?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type MetricConnectionResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['MetricConnection'] = ResolversParentTypes['MetricConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['MetricEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['Metric']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type MetricEdgeResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['MetricEdge'] = ResolversParentTypes['MetricEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Metric'], ParentType, ContextType>;
};

export type MetricPayloadResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['MetricPayload'] = ResolversParentTypes['MetricPayload']> = {
  errors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
  metric?: Resolver<Maybe<ResolversTypes['Metric']>, ParentType, ContextType>;
};

export type MetricResultResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['MetricResult'] = ResolversParentTypes['MetricResult']> = {
  absolute?: Resolver<ResolversTypes['Interval'], ParentType, ContextType>;
  adjustedPValue?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  alphaUsed?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  controlMean?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  controlUnits?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  controlVariance?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  effect?: Resolver<ResolversTypes['Interval'], ParentType, ContextType>;
  looks?: Resolver<ReadonlyArray<ResolversTypes['SequentialLook']>, ParentType, ContextType>;
  mean?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  method?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  metric?: Resolver<ResolversTypes['Metric'], ParentType, ContextType>;
  nullValue?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  pValue?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  relative?: Resolver<Maybe<ResolversTypes['Interval']>, ParentType, ContextType>;
  role?: Resolver<ResolversTypes['MetricRole'], ParentType, ContextType>;
  segmentValue?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  significant?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  units?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  variance?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  variantKey?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
};

export type MetricVersionResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['MetricVersion'] = ResolversParentTypes['MetricVersion']> = {
  key?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  version?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type MissingResultResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['MissingResult'] = ResolversParentTypes['MissingResult']> = {
  metric?: Resolver<ResolversTypes['Metric'], ParentType, ContextType>;
  reason?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  role?: Resolver<ResolversTypes['MetricRole'], ParentType, ContextType>;
  segmentValue?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  variantKey?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
};

export type ModelVersionResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['ModelVersion'] = ResolversParentTypes['ModelVersion']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
};

export type MutationResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Mutation'] = ResolversParentTypes['Mutation']> = {
  archiveExperiment?: Resolver<Maybe<ResolversTypes['ExperimentPayload']>, ParentType, ContextType, RequireFields<MutationArchiveExperimentArgs, 'input'>>;
  createExperiment?: Resolver<Maybe<ResolversTypes['ExperimentPayload']>, ParentType, ContextType, RequireFields<MutationCreateExperimentArgs, 'input'>>;
  createHoldout?: Resolver<Maybe<ResolversTypes['HoldoutPayload']>, ParentType, ContextType, RequireFields<MutationCreateHoldoutArgs, 'input'>>;
  createLayer?: Resolver<Maybe<ResolversTypes['LayerPayload']>, ParentType, ContextType, RequireFields<MutationCreateLayerArgs, 'input'>>;
  createMetric?: Resolver<Maybe<ResolversTypes['MetricPayload']>, ParentType, ContextType, RequireFields<MutationCreateMetricArgs, 'input'>>;
  pauseExperiment?: Resolver<Maybe<ResolversTypes['ExperimentPayload']>, ParentType, ContextType, RequireFields<MutationPauseExperimentArgs, 'input'>>;
  qaOverride?: Resolver<Maybe<ResolversTypes['QaOverridePayload']>, ParentType, ContextType, RequireFields<MutationQaOverrideArgs, 'input'>>;
  recordBootstrapDecision?: Resolver<Maybe<ResolversTypes['BootstrapDecisionPayload']>, ParentType, ContextType, RequireFields<MutationRecordBootstrapDecisionArgs, 'input'>>;
  recordDecision?: Resolver<Maybe<ResolversTypes['ExperimentPayload']>, ParentType, ContextType, RequireFields<MutationRecordDecisionArgs, 'input'>>;
  resumeExperiment?: Resolver<Maybe<ResolversTypes['ExperimentPayload']>, ParentType, ContextType, RequireFields<MutationResumeExperimentArgs, 'input'>>;
  reviewBootstrapDecision?: Resolver<Maybe<ResolversTypes['BootstrapDecisionPayload']>, ParentType, ContextType, RequireFields<MutationReviewBootstrapDecisionArgs, 'input'>>;
  reviewDecision?: Resolver<Maybe<ResolversTypes['ExperimentPayload']>, ParentType, ContextType, RequireFields<MutationReviewDecisionArgs, 'input'>>;
  reviewExperiment?: Resolver<Maybe<ResolversTypes['ExperimentPayload']>, ParentType, ContextType, RequireFields<MutationReviewExperimentArgs, 'input'>>;
  runAnalysis?: Resolver<Maybe<ResolversTypes['AnalysisPayload']>, ParentType, ContextType, RequireFields<MutationRunAnalysisArgs, 'input'>>;
  saveGroup?: Resolver<Maybe<ResolversTypes['SavedGroupPayload']>, ParentType, ContextType, RequireFields<MutationSaveGroupArgs, 'input'>>;
  startExperiment?: Resolver<Maybe<ResolversTypes['ExperimentPayload']>, ParentType, ContextType, RequireFields<MutationStartExperimentArgs, 'input'>>;
  stopExperiment?: Resolver<Maybe<ResolversTypes['ExperimentPayload']>, ParentType, ContextType, RequireFields<MutationStopExperimentArgs, 'input'>>;
  submitForReview?: Resolver<Maybe<ResolversTypes['ExperimentPayload']>, ParentType, ContextType, RequireFields<MutationSubmitForReviewArgs, 'input'>>;
  updateExperiment?: Resolver<Maybe<ResolversTypes['ExperimentPayload']>, ParentType, ContextType, RequireFields<MutationUpdateExperimentArgs, 'input'>>;
};

export type PageInfoResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['PageInfo'] = ResolversParentTypes['PageInfo']> = {
  endCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  hasNextPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  hasPreviousPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  startCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type PowerAnalysisResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['PowerAnalysis'] = ResolversParentTypes['PowerAnalysis']> = {
  days?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  testAlpha?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  testPower?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  totalUnits?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  unitsPerDay?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  unitsPerVariant?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  variantUnits?: Resolver<ReadonlyArray<ResolversTypes['Int']>, ParentType, ContextType>;
};

export type PrerequisiteResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Prerequisite'] = ResolversParentTypes['Prerequisite']> = {
  experimentKey?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  variantKeys?: Resolver<Maybe<ReadonlyArray<ResolversTypes['ID']>>, ParentType, ContextType>;
};

export type QaOverridePayloadResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['QaOverridePayload'] = ResolversParentTypes['QaOverridePayload']> = {
  errors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
  expiresAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  token?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type QueryResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Query'] = ResolversParentTypes['Query']> = {
  assignments?: Resolver<Maybe<ReadonlyArray<ResolversTypes['Assignment']>>, ParentType, ContextType, RequireFields<QueryAssignmentsArgs, 'unit'>>;
  auditLog?: Resolver<Maybe<ResolversTypes['AuditConnection']>, ParentType, ContextType, RequireFields<QueryAuditLogArgs, 'first'>>;
  bootstrapDecisions?: Resolver<Maybe<ReadonlyArray<ResolversTypes['BootstrapDecision']>>, ParentType, ContextType>;
  decisions?: Resolver<Maybe<ResolversTypes['DecisionConnection']>, ParentType, ContextType, RequireFields<QueryDecisionsArgs, 'first'>>;
  experiment?: Resolver<Maybe<ResolversTypes['Experiment']>, ParentType, ContextType, RequireFields<QueryExperimentArgs, 'key'>>;
  experiments?: Resolver<Maybe<ResolversTypes['ExperimentConnection']>, ParentType, ContextType, RequireFields<QueryExperimentsArgs, 'first' | 'orderBy'>>;
  experimentsWithLearning?: Resolver<Maybe<ResolversTypes['LearningRate']>, ParentType, ContextType, RequireFields<QueryExperimentsWithLearningArgs, 'from' | 'to'>>;
  holdouts?: Resolver<Maybe<ReadonlyArray<ResolversTypes['Holdout']>>, ParentType, ContextType>;
  layers?: Resolver<Maybe<ReadonlyArray<ResolversTypes['Layer']>>, ParentType, ContextType>;
  metric?: Resolver<Maybe<ResolversTypes['Metric']>, ParentType, ContextType, RequireFields<QueryMetricArgs, 'key'>>;
  metrics?: Resolver<Maybe<ResolversTypes['MetricConnection']>, ParentType, ContextType, RequireFields<QueryMetricsArgs, 'first'>>;
  powerAnalysis?: Resolver<Maybe<ResolversTypes['PowerAnalysis']>, ParentType, ContextType, RequireFields<QueryPowerAnalysisArgs, 'input'>>;
  savedGroups?: Resolver<Maybe<ReadonlyArray<ResolversTypes['SavedGroup']>>, ParentType, ContextType>;
};

export type RecommendationSlateResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['RecommendationSlate'] = ResolversParentTypes['RecommendationSlate'], FederationReferenceType extends FederationReferenceTypes['RecommendationSlate'] = FederationReferenceTypes['RecommendationSlate']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['RecommendationSlate']> | FederationReferenceType, FederationReferenceType, ContextType>;
  exposureContext?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  exposures?: Resolver<Maybe<ReadonlyArray<ResolversTypes['Exposure']>>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
};

export type ReviewResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Review'] = ResolversParentTypes['Review']> = {
  approved?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  by?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  comment?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type SavedGroupResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['SavedGroup'] = ResolversParentTypes['SavedGroup']> = {
  key?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  values?: Resolver<ReadonlyArray<ResolversTypes['JSON']>, ParentType, ContextType>;
  version?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type SavedGroupPayloadResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['SavedGroupPayload'] = ResolversParentTypes['SavedGroupPayload']> = {
  errors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
  savedGroup?: Resolver<Maybe<ResolversTypes['SavedGroup']>, ParentType, ContextType>;
};

export type SegmentValueResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['SegmentValue'] = ResolversParentTypes['SegmentValue']> = {
  units?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  value?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type SequentialLookResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['SequentialLook'] = ResolversParentTypes['SequentialLook']> = {
  bound?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  crossed?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  cutoff?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  effect?: Resolver<Maybe<ResolversTypes['Interval']>, ParentType, ContextType>;
  fraction?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  nominalAlpha?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  pValue?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  spent?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  units?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
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

export type VerdictResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Verdict'] = ResolversParentTypes['Verdict']> = {
  reasons?: Resolver<ReadonlyArray<ResolversTypes['VerdictReason']>, ParentType, ContextType>;
  recommendation?: Resolver<ResolversTypes['VerdictKind'], ParentType, ContextType>;
  variantKey?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
};

export type VerdictReasonResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['VerdictReason'] = ResolversParentTypes['VerdictReason']> = {
  detail?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  holds?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  rule?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type Resolvers<ContextType = GraphqlContext> = {
  Analysis?: AnalysisResolvers<ContextType>;
  AnalysisConnection?: AnalysisConnectionResolvers<ContextType>;
  AnalysisEdge?: AnalysisEdgeResolvers<ContextType>;
  AnalysisLook?: AnalysisLookResolvers<ContextType>;
  AnalysisPayload?: AnalysisPayloadResolvers<ContextType>;
  AnalysisPlan?: AnalysisPlanResolvers<ContextType>;
  Assignment?: AssignmentResolvers<ContextType>;
  AuditConnection?: AuditConnectionResolvers<ContextType>;
  AuditEdge?: AuditEdgeResolvers<ContextType>;
  AuditEntry?: AuditEntryResolvers<ContextType>;
  BootstrapDecision?: BootstrapDecisionResolvers<ContextType>;
  BootstrapDecisionPayload?: BootstrapDecisionPayloadResolvers<ContextType>;
  DateTime?: GraphQLScalarType;
  DecidedRecipe?: DecidedRecipeResolvers<ContextType>;
  Decision?: DecisionResolvers<ContextType>;
  DecisionConnection?: DecisionConnectionResolvers<ContextType>;
  DecisionEdge?: DecisionEdgeResolvers<ContextType>;
  ExclusionList?: ExclusionListResolvers<ContextType>;
  Experiment?: ExperimentResolvers<ContextType>;
  ExperimentConnection?: ExperimentConnectionResolvers<ContextType>;
  ExperimentEdge?: ExperimentEdgeResolvers<ContextType>;
  ExperimentMetric?: ExperimentMetricResolvers<ContextType>;
  ExperimentPayload?: ExperimentPayloadResolvers<ContextType>;
  Exposure?: ExposureResolvers<ContextType>;
  ExposureCount?: ExposureCountResolvers<ContextType>;
  ForcedVariant?: ForcedVariantResolvers<ContextType>;
  HealthCheck?: HealthCheckResolvers<ContextType>;
  Holdout?: HoldoutResolvers<ContextType>;
  HoldoutPayload?: HoldoutPayloadResolvers<ContextType>;
  Interval?: IntervalResolvers<ContextType>;
  JSON?: GraphQLScalarType;
  Layer?: LayerResolvers<ContextType>;
  LayerAllocation?: LayerAllocationResolvers<ContextType>;
  LayerPayload?: LayerPayloadResolvers<ContextType>;
  LayerRange?: LayerRangeResolvers<ContextType>;
  LearningRate?: LearningRateResolvers<ContextType>;
  Metric?: MetricResolvers<ContextType>;
  MetricConnection?: MetricConnectionResolvers<ContextType>;
  MetricEdge?: MetricEdgeResolvers<ContextType>;
  MetricPayload?: MetricPayloadResolvers<ContextType>;
  MetricResult?: MetricResultResolvers<ContextType>;
  MetricVersion?: MetricVersionResolvers<ContextType>;
  MissingResult?: MissingResultResolvers<ContextType>;
  ModelVersion?: ModelVersionResolvers<ContextType>;
  Mutation?: MutationResolvers<ContextType>;
  PageInfo?: PageInfoResolvers<ContextType>;
  PowerAnalysis?: PowerAnalysisResolvers<ContextType>;
  Prerequisite?: PrerequisiteResolvers<ContextType>;
  QaOverridePayload?: QaOverridePayloadResolvers<ContextType>;
  Query?: QueryResolvers<ContextType>;
  RecommendationSlate?: RecommendationSlateResolvers<ContextType>;
  Review?: ReviewResolvers<ContextType>;
  SavedGroup?: SavedGroupResolvers<ContextType>;
  SavedGroupPayload?: SavedGroupPayloadResolvers<ContextType>;
  SegmentValue?: SegmentValueResolvers<ContextType>;
  SequentialLook?: SequentialLookResolvers<ContextType>;
  User?: UserResolvers<ContextType>;
  UserError?: UserErrorResolvers<ContextType>;
  Variant?: VariantResolvers<ContextType>;
  Verdict?: VerdictResolvers<ContextType>;
  VerdictReason?: VerdictReasonResolvers<ContextType>;
};

