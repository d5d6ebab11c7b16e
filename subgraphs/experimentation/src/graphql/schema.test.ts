import { ASSIGNMENT_REASONS, EXPOSURE_TRIGGERS } from '@bulkhead/contracts'
import { isEnumType } from 'graphql'
import { expect, test } from 'vitest'
import { EXPERIMENT_ORDER_FIELDS, EXPOSURE_GROUPS } from '../datastore/port.ts'
import { EXPERIMENT_STATUSES } from '../domain/experiment.ts'
import { loadSchema } from './schema.ts'

// The types cannot tell: fields of a mapped parent are resolved by default, without a resolver that is checked.
test.each([
  ['AssignmentReason', ASSIGNMENT_REASONS],
  ['ExperimentOrderField', EXPERIMENT_ORDER_FIELDS],
  ['ExperimentStatus', EXPERIMENT_STATUSES],
  ['ExposureGroup', EXPOSURE_GROUPS],
  ['ExposureTrigger', EXPOSURE_TRIGGERS],
])('%s has in schema.graphql the values that it has in the code', async (name, values) => {
  const type = (await loadSchema()).getType(name)
  expect(isEnumType(type) && type.getValues().map((value) => value.name)).toEqual(values)
})
