import { foldCase } from '@bulkhead/datastore/fold-case'
import type { Filter } from '@bulkhead/datastore/mongodb/open'
import { ASSIGNING_STATUSES, type Experiment } from '../../domain/experiment.ts'
import { namedModelVersions } from '../../domain/model-versions.ts'
import type {
  DecisionFilter,
  ExperimentationStore,
  ExperimentFilter,
  ExperimentOrderField,
  ExperimentPosition,
  ExperimentQuery,
} from '../port.ts'
import { readExperiment } from '../stored-json.ts'
import { storedRecord } from '../stored-record.ts'
import type { Collections, ExperimentDocument } from './collections.ts'

const ORDER_FIELDS = {
  CREATED_AT: 'createdAt',
  STARTED_AT: 'startedAt',
  KEY: '_id',
} as const satisfies Record<ExperimentOrderField, keyof ExperimentDocument>

export function experimentDocument(experiment: Experiment): ExperimentDocument {
  return {
    _id: experiment.key,
    nameFolded: foldCase(experiment.name),
    owner: experiment.owner,
    status: experiment.status,
    revision: experiment.revision,
    createdAt: experiment.createdAt,
    startedAt: experiment.startedAt,
    modelVersionIds: namedModelVersions(experiment),
    layer: experiment.layer?.key ?? null,
    decidedAt: experiment.decision?.decidedAt ?? null,
    decisionOutcome: experiment.decision?.outcome ?? null,
    decidedBy: experiment.decision?.decidedBy ?? null,
    decisionModel: experiment.decision?.modelVersionId ?? null,
    body: JSON.stringify(experiment),
  }
}

function matching(filter: ExperimentFilter): Filter<ExperimentDocument> {
  const conditions: Filter<ExperimentDocument>[] = []
  if (filter.keys !== undefined) conditions.push({ _id: { $in: filter.keys } })
  if (filter.statuses !== undefined) conditions.push({ status: { $in: filter.statuses } })
  if (filter.owner !== undefined) conditions.push({ owner: filter.owner })
  if (filter.layer !== undefined) conditions.push({ layer: filter.layer })
  if (filter.modelVersionId !== undefined) conditions.push({ modelVersionIds: filter.modelVersionId })
  if (filter.nameContains !== undefined) {
    // Not a regular expression, in which some characters of the text would have a special meaning.
    const found = { $indexOfCP: ['$nameFolded', { $literal: foldCase(filter.nameContains) }] }
    conditions.push({ $expr: { $gte: [found, 0] } })
  }
  if (filter.createdAfter !== undefined) conditions.push({ createdAt: { $gt: filter.createdAfter } })
  if (filter.createdBefore !== undefined) conditions.push({ createdAt: { $lt: filter.createdBefore } })
  return conditions.length === 0 ? {} : { $and: conditions }
}

function matchingDecisions(filter: DecisionFilter): Filter<ExperimentDocument> {
  const { outcomes, modelVersionId, decidedBy, decidedAfter, decidedBefore } = filter
  const conditions: Filter<ExperimentDocument>[] = [{ decidedAt: { $gt: decidedAfter ?? -Infinity } }]
  if (outcomes !== undefined) conditions.push({ decisionOutcome: { $in: outcomes } })
  if (modelVersionId !== undefined) conditions.push({ decisionModel: modelVersionId })
  if (decidedBy !== undefined) conditions.push({ decidedBy })
  if (decidedBefore !== undefined) conditions.push({ decidedAt: { $lt: decidedBefore } })
  return { $and: conditions }
}

/** Matches what follows a position. Null sorts before every value, and range operators never match it. */
function following(
  orderBy: ExperimentQuery['orderBy'],
  { value, key }: ExperimentPosition,
): Filter<ExperimentDocument> {
  const field = ORDER_FIELDS[orderBy.field]
  const beyond = orderBy.direction === 'ASC' ? '$gt' : '$lt'
  const tie = { [field]: value, _id: { [beyond]: key } }
  if (field === '_id') return { _id: { [beyond]: key } }
  if (value === null) return orderBy.direction === 'ASC' ? { $or: [tie, { [field]: { $ne: null } }] } : tie
  const further = { [field]: { [beyond]: value } }
  return orderBy.direction === 'ASC' ? { $or: [tie, further] } : { $or: [tie, further, { [field]: null }] }
}

export function createMongoExperiments({
  experiments,
}: Pick<Collections, 'experiments'>): Pick<
  ExperimentationStore,
  | 'experimentsByKeys'
  | 'findExperiments'
  | 'countExperiments'
  | 'assigningExperiments'
  | 'findDecided'
  | 'countDecided'
  | 'experimentRecords'
> {
  return {
    async experimentsByKeys(keys) {
      if (keys.length === 0) return []
      const documents = await experiments
        .find({ _id: { $in: keys } }, { projection: { body: 1 }, batchSize: keys.length + 1 })
        .toArray()
      return documents.map((document) => readExperiment(document.body))
    },

    async findExperiments({ filter, orderBy, limit, after }) {
      const all = matching(filter)
      const page = after === null ? all : { $and: [all, following(orderBy, after)] }
      const direction = orderBy.direction === 'ASC' ? 1 : -1
      const documents = await experiments
        .find(page, { projection: { body: 1 } })
        .sort(
          new Map([
            [ORDER_FIELDS[orderBy.field], direction],
            ['_id', direction],
          ]),
        )
        .limit(limit + 1)
        .toArray()
      return {
        experiments: documents.slice(0, limit).map((document) => readExperiment(document.body)),
        hasMore: documents.length > limit,
      }
    },

    countExperiments: (filter) => experiments.countDocuments(matching(filter)),

    async findDecided({ filter, limit, after }) {
      const all = matchingDecisions(filter)
      // The newest comes first, and keys break ties.
      const following: Filter<ExperimentDocument>[] =
        after === null
          ? []
          : [
              {
                $or: [
                  { decidedAt: { $lt: after.decidedAt } },
                  { decidedAt: after.decidedAt, _id: { $gt: after.key } },
                ],
              },
            ]
      const documents = await experiments
        .find({ $and: [all, ...following] }, { projection: { body: 1 } })
        .sort(new Map([['decidedAt', -1] as const, ['_id', 1] as const]))
        .limit(limit + 1)
        .toArray()
      return {
        experiments: documents.slice(0, limit).map((document) => readExperiment(document.body)),
        hasMore: documents.length > limit,
      }
    },

    countDecided: (filter) => experiments.countDocuments(matchingDecisions(filter)),

    async assigningExperiments(layers) {
      const ofLayers = layers === undefined ? {} : { layer: { $in: layers } }
      const documents = await experiments
        .find(
          { status: { $in: ASSIGNING_STATUSES }, ...ofLayers },
          { projection: { body: 1 }, sort: { _id: 1 } },
        )
        .toArray()
      return documents.map((document) => readExperiment(document.body))
    },

    async experimentRecords({ limit, after }) {
      const documents = await experiments
        .find(after === null ? {} : { _id: { $gt: after } })
        .sort({ _id: 1 })
        .limit(limit)
        .toArray()
      return documents.map((document) =>
        storedRecord(document._id, document, () => readExperiment(document.body), experimentDocument),
      )
    },
  }
}
