import { count, milliseconds, oneOf, port, setting, text } from '@bulkhead/service/config/setting'

/** How secrets are written, as the Standard Webhooks specification has it: `whsec_` and the base64 of 24 to 64 octets. */
const WEBHOOK_SECRET = /^whsec_([A-Za-z0-9+/]+={0,2})$/
const MIN_SECRET_OCTETS = 24
const MAX_SECRET_OCTETS = 64

/** The base64 of a secret; null where it is none. */
function webhookKey(secret: string): string | null {
  const [, base64] = WEBHOOK_SECRET.exec(secret) ?? []
  if (base64 === undefined) return null
  const { length } = Buffer.from(base64, 'base64')
  return length >= MIN_SECRET_OCTETS && length <= MAX_SECRET_OCTETS ? base64 : null
}

function words(raw: string): readonly string[] {
  return raw
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')
}

/** The variables of whoever analyses: a replica, or a process of its own. */
export const ANALYST_SETTINGS = {
  ANALYSIS: oneOf(['embedded', 'off'], {
    about:
      'Whether this replica starts a process beside itself that takes part in analysing: one at a time holds the lease, follows the events, counts exposures and computes analyses. `off` where `npm run experimentation -- analyst` does that: one of them has to run.',
    wrong: 'is neither',
    default: 'embedded',
  }),
  ANALYSIS_FILE: setting<string | null>({
    about:
      'The read model of analyses. It may be deleted whenever nobody has it open: it is made again from the events. Each process on a machine that analyses needs one of its own, or waits for the other one.',
    expected: 'a file in a folder that this process may write',
    default: null,
    shownDefault:
      '$DATA_DIR/experimentation-analysis.duckdb, with a hash of the URL in its name for MongoDB; beside the file of another SQLite datastore',
    read: (raw) => ({ ok: raw }),
  }),
  ANALYSIS_EXPORT: setting<string | null>({
    about:
      'The folder of an export that a read model which is made anew begins with, so that it has what retention erased.',
    expected: 'a folder that `npm run experimentation -- export` writes to',
    default: null,
    shownDefault: 'none',
    read: (raw) => ({ ok: raw }),
  }),
  ANALYSIS_MEMORY_MB: count({
    about:
      'How much memory the engine of analyses may take, in MiB; what does not fit goes to a folder beside ANALYSIS_FILE.',
    min: 128,
    max: 1_048_576,
    default: 1_024,
  }),
  ANALYSIS_THREADS: count({
    about:
      'How many threads the engine of analyses computes on. Beside a replica they have a low priority (nice 10).',
    min: 1,
    max: 256,
    default: 2,
  }),
  ANALYSIS_LEASE_MS: milliseconds({
    about: 'How long whoever analyses may be silent before another process takes over.',
    min: 1_000,
    max: 600_000,
    default: 20_000,
  }),
  ANALYSIS_SCHEDULE: oneOf(['on', 'off'], {
    about:
      'Whether each running experiment is analysed daily and at its planned looks, and a stopped one once more.',
    wrong: 'is neither',
    default: 'on',
  }),
  ANALYST_HOST: text({
    about:
      'The address on which `npm run experimentation -- analyst` answers `/healthz`, `/readyz` and `/metrics`.',
    expected: 'an address to listen on',
    default: '127.0.0.1',
  }),
  ANALYST_PORT: port({
    about: 'Its port; 0 lets the system choose.',
    default: 4003,
  }),
  WEBHOOK_URLS: setting<readonly string[]>({
    about:
      'Who is told of failed health checks, deteriorated guardrails and reached decisions, separated by commas. Addresses of a private network are allowed: only who sets this chooses them.',
    expected: 'absolute http:// or https:// URLs, separated by commas',
    default: [],
    shownDefault: 'none',
    read(raw) {
      const urls = words(raw)
      const wrong = urls.some((url) => !/^https?:$/.test(URL.parse(url)?.protocol ?? ''))
      return wrong ? { wrong: 'holds something that is not an http URL' } : { ok: [...new Set(urls)] }
    },
  }),
  WEBHOOK_SECRETS: setting<readonly string[]>({
    about:
      'What webhooks are signed with (HMAC-SHA256, Standard Webhooks): one secret, or two separated by a comma during a rotation. Required with WEBHOOK_URLS.',
    expected: 'whsec_ and the base64 of 24 to 64 random octets, once or twice',
    default: [],
    shownDefault: 'none',
    read(raw) {
      const keys = words(raw).map(webhookKey)
      if (keys.length > 2) return { wrong: `holds ${keys.length} secrets` }
      const known = keys.filter((key) => key !== null)
      return known.length < keys.length
        ? { wrong: 'holds something that is not such a secret' }
        : { ok: known }
    },
  }),
}
