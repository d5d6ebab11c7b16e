import type { Identity } from '@bulkhead/service/identity/identity'
import type { AnalysisRunner } from '../services/analyses/analysis-runner.ts'
import type { AssignmentService } from '../services/assignment-service.ts'
import type { BootstrapService } from '../services/decisions/bootstrap-service.ts'
import type { ExperimentService } from '../services/experiment-service.ts'
import type { ExposureService } from '../services/exposure-service.ts'
import type { LearningService } from '../services/learning-service.ts'
import type { MetricService } from '../services/metric-service.ts'
import type { PlanningService } from '../services/planning/planning-service.ts'
import type { Reader } from '../services/reader.ts'
import type { TargetingService } from '../services/targeting-service.ts'
import { createLoaders, type Loaders } from './loaders.ts'

/** What the resolvers call; one set per process. */
type GraphqlServices = {
  readonly analyses: Pick<AnalysisRunner, 'run'>
  readonly assignments: AssignmentService
  readonly bootstraps: BootstrapService
  readonly experiments: ExperimentService
  readonly exposures: ExposureService
  readonly learning: LearningService
  readonly metrics: MetricService
  readonly planning: PlanningService
  readonly reader: Reader
  readonly targeting: TargetingService
}

export type GraphqlContext = GraphqlServices & {
  readonly loaders: Loaders
  /** Who asks; null for anonymous. */
  readonly identity: Identity | null
}

/** A request's context: the services, and loaders of its own. */
export function createContext(services: GraphqlServices, identity: Identity | null): GraphqlContext {
  return { ...services, loaders: createLoaders(services.reader), identity }
}
