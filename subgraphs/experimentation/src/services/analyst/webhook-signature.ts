import { createHmac } from 'node:crypto'

/**
 * The headers of a webhook, by the Standard Webhooks specification (standardwebhooks.com): an HMAC-SHA256 over
 * `id.timestamp.body` for each secret, so that receivers can rotate theirs, and refuse what is old or was changed.
 * @param sentAt epoch milliseconds
 */
export function webhookHeaders(
  message: { readonly id: string; readonly body: string; readonly sentAt: number },
  keys: readonly Buffer[],
): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(message.sentAt / 1_000))
  const signed = `${message.id}.${timestamp}.${message.body}`
  return {
    'webhook-id': message.id,
    'webhook-timestamp': timestamp,
    'webhook-signature': keys
      .map((key) => `v1,${createHmac('sha256', key).update(signed).digest('base64')}`)
      .join(' '),
  }
}
