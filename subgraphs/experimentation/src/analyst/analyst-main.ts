import { runService } from '@bulkhead/service/process/lifecycle'
import { runAnalyst } from './run-analyst.ts'

/** The process beside a replica, see `analyst-process.ts`. It ends with the replica, however that ends. */
process.once('disconnect', () => process.exit(0))
runService({ name: 'experimentation-analyst', start: () => runAnalyst({ listening: false }) })
