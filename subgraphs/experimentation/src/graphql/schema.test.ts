import { ASSIGNMENT_REASONS, EXPOSURE_TRIGGERS } from '@bulkhead/contracts'
import { isEnumType } from 'graphql'
import { expect, test } from 'vitest'
import { EXPERIMENT_ORDER_FIELDS, EXPOSURE_GROUPS } from '../datastore/port.ts'
import { EXPERIMENT_STATUSES } from '../domain/experiment.ts'
import { ANALYSIS_ENGINES } from '../domain/stored-analysis.ts'
import { HEALTH_CHECK_KINDS, VERDICT_KINDS } from '../services/analyses/recorded-analysis.ts'
import { loadSchema } from './schema.ts'

// The types cannot tell: fields of a mapped parent are resolved by default, without a resolver that is checked.
test.each([
  ['AnalysisEngine', ANALYSIS_ENGINES],
  ['HealthCheckKind', HEALTH_CHECK_KINDS],
  ['VerdictKind', VERDICT_KINDS],
  ['AssignmentReason', ASSIGNMENT_REASONS],
  ['ExperimentOrderField', EXPERIMENT_ORDER_FIELDS],
  ['ExperimentStatus', EXPERIMENT_STATUSES],
  ['ExposureGroup', EXPOSURE_GROUPS],
  ['ExposureTrigger', EXPOSURE_TRIGGERS],
])('%s has in schema.graphql the values that it has in the code', async (name, values) => {
  const type = (await loadSchema()).getType(name)
  expect(isEnumType(type) && type.getValues().map((value) => value.name)).toEqual(values)
})
