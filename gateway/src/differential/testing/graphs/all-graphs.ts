import { catalog } from './catalog.ts'
import { context } from './context.ts'
import type { TestGraph } from './graph.ts'
import { legacy } from './legacy.ts'
import { media } from './media.ts'
import { orders } from './orders.ts'
import { shelf } from './shelf.ts'
import { trips } from './trips.ts'

/** Graphs that were written for what federation has; `createRandomGraph` deals out the rest. */
export const ALL_GRAPHS: readonly TestGraph[] = [catalog, context, legacy, media, orders, shelf, trips]
