import { SETTINGS as EXPERIMENTATION } from '@bulkhead/experimentation/settings'
import { SETTINGS as GATEWAY } from '@bulkhead/gateway/config'
import { SETTINGS as PERSONALIZATION } from '@bulkhead/personalization/settings'
import { serviceSettings } from '@bulkhead/service/config/config'
import { describeSettings } from '@bulkhead/service/config/setting'
import type { z } from 'zod'
import { table } from './markdown.ts'

/** Path of the generated page. */
export const CONFIGURATION_REFERENCE = new URL('../../../docs/configuration.md', import.meta.url)

const SERVICES = [
  { name: 'Gateway', settings: GATEWAY },
  { name: 'Personalization', settings: PERSONALIZATION },
  { name: 'Experimentation', settings: EXPERIMENTATION },
] as const

type Setting = ReturnType<typeof describeSettings>[number]

const COMMON_NAMES: ReadonlySet<string> = new Set(Object.keys(serviceSettings({ port: 0 })))

function settingsTable(settings: readonly Setting[]): string {
  return table(
    ['variable', 'default', 'what it does', 'set'],
    settings.map(({ name, default: fallback, required, about, expected }) => [
      `\`${name}\``,
      required ? 'required' : `\`${fallback}\``,
      about,
      expected,
    ]),
  )
}

function defaultOf(settings: z.ZodObject, variable: string): string | null | undefined {
  return describeSettings(settings).find(({ name }) => name === variable)?.default
}

/** The variables that all services have; of the port, the defaults of all three. */
function commonSettings(): readonly Setting[] {
  const ports = SERVICES.map(
    ({ name, settings }) => `${defaultOf(settings, 'PORT')} (${name.toLowerCase()})`,
  ).join(', ')
  return describeSettings(GATEWAY)
    .filter(({ name }) => COMMON_NAMES.has(name))
    .map((setting) => (setting.name === 'PORT' ? { ...setting, default: ports } : setting))
}

function serviceSection({
  name,
  settings,
}: {
  readonly name: string
  readonly settings: z.ZodObject
}): string {
  const own = describeSettings(settings).filter((setting) => !COMMON_NAMES.has(setting.name))
  return `## ${name}\n${settingsTable(own)}`
}

/** The page that lists every environment variable, made from the schemas that the services parse them with. */
export function renderConfigurationReference(): string {
  return `${[
    '# Configuration',
    'Generated from the settings of each service by `npm run docs`; do not edit.',
    [
      'Services are configured by environment variables. What cannot be read stops the process before it serves, and',
      'all problems are reported at once, each with what to set. `npm start` sets what the three services need to find',
      'and to trust each other, and keeps the secrets in `DATA_DIR/dev-secrets.json` (mode 0600); in production set your',
      'own. Where two secrets are accepted, a rotation sets the new one beside the old, separated by a comma.',
    ].join('\n'),
    `## Every service\n${settingsTable(commonSettings())}`,
    ...SERVICES.map(serviceSection),
  ].join('\n\n')}\n`
}
