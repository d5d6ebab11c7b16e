import type { LintRule } from './rule.ts'
import { deprecations } from './rules/deprecations.ts'
import { descriptions } from './rules/descriptions.ts'
import { enumValueNames } from './rules/enum-value-names.ts'
import { fieldNames } from './rules/field-names.ts'
import { ids } from './rules/ids.ts'
import { inputNames } from './rules/input-names.ts'
import { mutationPayloads } from './rules/mutation-payloads.ts'
import { mutationSpansSubgraphs } from './rules/mutation-spans-subgraphs.ts'
import { nullabilityBlastRadius } from './rules/nullability-blast-radius.ts'
import { ownership } from './rules/ownership.ts'
import { relayConnections } from './rules/relay-connections.ts'
import { typeNames } from './rules/type-names.ts'

/** All rules, by name. */
export const LINT_RULES: readonly LintRule[] = [
  deprecations,
  descriptions,
  enumValueNames,
  fieldNames,
  ids,
  inputNames,
  mutationPayloads,
  mutationSpansSubgraphs,
  nullabilityBlastRadius,
  ownership,
  relayConnections,
  typeNames,
]
