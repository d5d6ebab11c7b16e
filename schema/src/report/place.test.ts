import { expect, test } from 'vitest'
import { placeOf } from './place.ts'

test.each(['origin/main', 'f55af17b0447 (the last commit)', 'f55af17b0447 (where HEAD left origin/main)'])(
  'what only the base %s has stands in its file without the line',
  (base) => {
    const ref = base.split(' ')[0]
    expect(placeOf({ file: `${ref}:a/b.graphql`, line: 3, column: 5 }, base)).toEqual({
      file: 'a/b.graphql',
      line: 3,
      column: 5,
      isCurrent: false,
    })
  },
)

test.each(['origin/main', 'f55af17b0447 (the last commit)', null])(
  'what the checkout has stands where it is, compared with %s',
  (base) => {
    const location = { file: 'a/b.graphql', line: 3, column: 5 }
    expect(placeOf(location, base)).toEqual({ ...location, isCurrent: true })
  },
)
