/**
 * For every answer, refusals included; only the page of GraphiQL has other rules for content.
 * `strict-transport-security` is left to the proxy that speaks TLS: it alone knows whether all of its host does.
 */
export const SECURITY_HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
}
