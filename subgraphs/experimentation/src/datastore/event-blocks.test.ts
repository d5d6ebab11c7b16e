import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sampleExposure, sampleHeartbeat, sampleIncoming, sampleInteraction } from '../testing/samples.ts'
import { eventBlocks, readBlock } from './event-blocks.ts'
import type { IncomingEvent } from './port.ts'
import { withoutTime } from './testing/position-checks.ts'

/** Few values, among them those that mean "none", so that events often share them and often do not. */
const counts = fc.constantFrom(0, 1, 2)
const events: fc.Arbitrary<IncomingEvent> = fc.oneof(
  fc
    .record({ uncounted: counts, dropped: counts })
    .map((numbers) => sampleIncoming(sampleHeartbeat({ ...numbers }))),
  fc
    .record({ applied: fc.boolean(), attributes: fc.constantFrom(null, {}, { plan: 'free' }, { plan: 0 }) })
    .map((fields) => sampleIncoming(sampleExposure(fields))),
  fc
    .record({ value: fc.constantFrom(null, 0, 1.5), itemId: fc.constantFrom(null, '0') })
    .map((fields) => sampleIncoming(sampleInteraction(fields))),
)

test('events are read from their blocks as they were written, in their order', () => {
  fc.assert(
    fc.property(fc.array(events, { maxLength: 12 }), (incoming) => {
      for (const block of eventBlocks(incoming)) {
        const written = incoming.filter(({ event }) => event.kind === block.kind).map(withoutTime)
        const read = readBlock({ ...block, first: 1 }, { after: 0, upTo: 12 })
        expect(read).toEqual(written.map((item, index) => ({ ...item, position: index + 1 })))
      }
    }),
  )
})
