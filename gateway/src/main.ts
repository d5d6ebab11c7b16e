import { createLogger } from '@bulkhead/service/logging'
import { loadConfig } from './config.ts'
import { runGateway } from './run-gateway.ts'

runGateway({
  loadConfig,
  createLog: createLogger,
  onReady: (address, log) => log.info(address, 'gateway is up'),
})
