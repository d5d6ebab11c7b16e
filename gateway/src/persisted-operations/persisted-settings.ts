import { ConfigError } from '@bulkhead/service/config/config'
import { oneOf, optionalText } from '@bulkhead/service/config/setting'

const MODES = ['apq', 'safelist', 'off'] as const
export type PersistedOperationsMode = (typeof MODES)[number]

/** The environment variables of persisted operations. */
export const PERSISTED_SETTINGS = {
  PERSISTED_OPERATIONS_MODE: oneOf(MODES, {
    about:
      '`apq` lets clients register documents by their SHA-256 and ask by that (automatic persisted queries); `safelist` lets nothing pass but what the manifest lists; `off` takes documents only.',
    wrong: 'is not a mode',
    default: 'apq',
  }),
  PERSISTED_OPERATIONS_MANIFEST: optionalText({
    about:
      'Operations that clients may ask for by id: an `apollo-persisted-query-manifest`, read at the start.',
    expected: 'the path of a manifest',
  }),
}

/** @throws {ConfigError} where mode and manifest do not fit */
export function persistedOperationsOf(settings: {
  readonly PERSISTED_OPERATIONS_MODE: PersistedOperationsMode
  readonly PERSISTED_OPERATIONS_MANIFEST: string | null
}) {
  const { PERSISTED_OPERATIONS_MODE: mode, PERSISTED_OPERATIONS_MANIFEST: manifestPath } = settings
  if (mode === 'safelist' && manifestPath === null) {
    throw new ConfigError([
      'PERSISTED_OPERATIONS_MANIFEST: is not set (set it to what PERSISTED_OPERATIONS_MODE=safelist lets pass)',
    ])
  }
  if (mode === 'off' && manifestPath !== null) {
    throw new ConfigError([
      'PERSISTED_OPERATIONS_MANIFEST: has no use with PERSISTED_OPERATIONS_MODE=off (set apq or safelist)',
    ])
  }
  return { mode, manifestPath }
}
