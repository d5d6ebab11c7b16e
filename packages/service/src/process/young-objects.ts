import { setFlagsFromString } from 'node:v8'

/**
 * Makes V8 allocate every new object among the young ones. By default it learns which code makes objects that live long,
 * and allocates those among the old ones at once. In a service under load it takes objects of single requests for such,
 * because some of them are alive whenever it collects. There they stay for thousands of requests, with everything that
 * they refer to: a quarter of what the gateway allocated was copied twice for nothing, an eighth of its CPU time.
 */
export function allocateYoungObjects(): void {
  setFlagsFromString('--no-allocation-site-pretenuring')
}
