import { type CommandLine, readCommandLine } from '@bulkhead/service/command-line'
import {
  defineAnalysis,
  defineEvaluator,
  defineIngest,
  defineIngestFaults,
  defineStatistics,
} from './commands/experimentation.ts'
import { defineGateway, defineGatewayFaults, defineHostileDocuments } from './commands/gateway.ts'
import type { Bench } from './commands/options.ts'
import {
  defineImport,
  defineNearest,
  defineRecommend,
  defineRecommendBeside,
  defineRecommendSizes,
  defineRollback,
  defineShadow,
  defineTrain,
  defineTrainQuality,
} from './commands/personalization.ts'
import { defineSchemaCheck } from './commands/schema.ts'

/** Reads the arguments; never throws. */
export function readCommand(args: readonly string[]): CommandLine<Bench> {
  return readCommandLine<Bench>({
    program: 'npm run bench --',
    args,
    define(program, ask) {
      defineGateway(program, ask)
      defineGatewayFaults(program, ask)
      defineHostileDocuments(program, ask)
      defineIngestFaults(program, ask)
      defineEvaluator(program, ask)
      defineIngest(program, ask)
      defineImport(program, ask)
      defineAnalysis(program, ask)
      defineStatistics(program, ask)
      defineRecommend(program, ask)
      defineRecommendBeside(program, ask)
      defineRecommendSizes(program, ask)
      defineRollback(program, ask)
      defineShadow(program, ask)
      defineTrain(program, ask)
      defineNearest(program, ask)
      defineTrainQuality(program, ask)
      defineSchemaCheck(program, ask)
    },
  })
}
