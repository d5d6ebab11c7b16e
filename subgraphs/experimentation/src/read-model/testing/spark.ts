import { describe } from 'vitest'

const HOW = `python3 -m venv .spark && .spark/bin/pip install pyspark==4.3.0 (and Java 17 or later), then
TEST_SPARK_SQL="$(echo "$PWD"/.spark/lib/python3*/site-packages/pyspark/bin/spark-sql) --master local[2]"`

/** Tests on a real Spark; where there is none they are skipped, and it is said how to get one. */
export function describeOnSpark(
  name: string,
  /** The command of a real Spark, as TEST_SPARK_SQL names it. */
  text: string | undefined,
  tests: (command: readonly string[]) => void,
): void {
  if (text === undefined || text.trim() === '') {
    console.warn(`SKIPPED: ${name} on a real Spark. To run it: ${HOW}`)
    describe.skip(`${name} (skipped: TEST_SPARK_SQL names no spark-sql)`, () => tests([]))
    return
  }
  const command = text.trim().split(/\s+/)
  describe(name, () => tests(command))
}
