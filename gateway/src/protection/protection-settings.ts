import { isIP } from 'node:net'
import { count, oneOf, setting } from '@bulkhead/service/config/setting'

const SWITCH = ['auto', 'on', 'off'] as const
const BY_DEFAULT = '`auto` is on, and off in production.'

/** The environment variables that say who may ask, from where, and how often. */
export const PROTECTION_SETTINGS = {
  RATE_LIMIT_PER_SECOND: count({
    about:
      'Requests a second that one client may send to one replica: an identity where it is known, else an address (of IPv6 a /64). Further ones get 429. 0 switches it off, as `npm start` does.',
    min: 0,
    max: 1_000_000,
    // About a tenth of what a replica answers in a second: far more than a person's pages ask for.
    default: 200,
  }),
  RATE_LIMIT_BURST: count({
    about: 'Requests that a client may send at once after a pause.',
    min: 1,
    max: 1_000_000,
    default: 1_000,
  }),
  TRUSTED_PROXIES: setting<readonly string[]>({
    about:
      'Proxies in front of the gateway. From these alone it takes a client’s address out of `x-forwarded-for`.',
    expected: 'addresses or CIDR ranges, separated by commas',
    default: [],
    shownDefault: 'none',
    read(raw) {
      const proxies = listOf(raw)
      const wrong = proxies.find((proxy) => !isNetwork(proxy))
      return wrong === undefined ? { ok: proxies } : { wrong: 'holds something else than an address' }
    },
  }),
  CORS_ORIGINS: setting<readonly string[]>({
    about: 'Origins whose pages may ask from a browser, besides the gateway’s own.',
    expected: 'origins such as https://app.example, separated by commas',
    default: [],
    shownDefault: 'none',
    read(raw) {
      const origins = listOf(raw)
      const wrong = origins.find((origin) => URL.parse(origin)?.origin !== origin)
      return wrong === undefined ? { ok: origins } : { wrong: 'holds something else than an origin' }
    },
  }),
  CORS_CREDENTIALS: oneOf(['off', 'on'], {
    about: 'Whether pages of CORS_ORIGINS may send cookies.',
    wrong: 'is neither on nor off',
    default: 'off',
  }),
  INTROSPECTION: oneOf(SWITCH, {
    about: `Whether clients may ask for the schema, and mistakes are answered with names that were perhaps meant. ${BY_DEFAULT}`,
    wrong: 'is not a switch',
    default: 'auto',
  }),
  GRAPHIQL: oneOf(SWITCH, {
    about: `Whether \`/\` is a page to write queries on. ${BY_DEFAULT}`,
    wrong: 'is not a switch',
    default: 'auto',
  }),
}

type Settings = {
  readonly NODE_ENV: string
  readonly RATE_LIMIT_PER_SECOND: number
  readonly RATE_LIMIT_BURST: number
  readonly TRUSTED_PROXIES: readonly string[]
  readonly CORS_ORIGINS: readonly string[]
  readonly CORS_CREDENTIALS: 'on' | 'off'
  readonly INTROSPECTION: (typeof SWITCH)[number]
  readonly GRAPHIQL: (typeof SWITCH)[number]
}

export function protectionOf(settings: Settings) {
  const isOn = (value: (typeof SWITCH)[number]) =>
    value === 'auto' ? settings.NODE_ENV !== 'production' : value === 'on'
  return {
    rateLimit: { perSecond: settings.RATE_LIMIT_PER_SECOND, burst: settings.RATE_LIMIT_BURST },
    trustedProxies: settings.TRUSTED_PROXIES,
    cors: { origins: settings.CORS_ORIGINS, credentials: settings.CORS_CREDENTIALS === 'on' },
    introspection: isOn(settings.INTROSPECTION),
    graphiql: isOn(settings.GRAPHIQL),
  }
}

function listOf(raw: string): readonly string[] {
  return raw.split(',').map((each) => each.trim())
}

function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/')
  const version = isIP(address)
  if (version === 0 || more.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128))
}
