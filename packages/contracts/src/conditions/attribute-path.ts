/**
 * Compiles a dotted path to a reader of it. What is not there is null, as with GrowthBook; an attribute that is there can
 * be undefined. Reads own properties only, so `constructor` is not found on every object.
 */
export function compilePath(path: string): (value: unknown) => unknown {
  const parts = path.split('.')
  const [first = ''] = parts
  if (parts.length === 1) return (value) => member(value, first)
  return (value) => {
    let current = value
    for (const part of parts) {
      if (!hasMember(current, part)) return null
      current = current[part]
    }
    return current
  }
}

function member(value: unknown, name: string): unknown {
  return hasMember(value, name) ? value[name] : null
}

function hasMember(value: unknown, name: string): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
}
