import { writeFileSync } from 'node:fs'
import { ERROR_REFERENCE, renderErrorReference } from './error-reference.ts'

writeFileSync(ERROR_REFERENCE, renderErrorReference())
console.log('Wrote docs/errors.md')
