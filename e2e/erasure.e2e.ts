import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { describeOnBoth, shareStack } from './harness/datastores.ts'
import { delivered } from './harness/exposures.ts'
import { HOME_SLATE, RECORD } from './harness/queries.ts'
import type { Stack } from './harness/stack.ts'
import { storedText } from './harness/stored-events.ts'
import { waitUntil } from './harness/wait-until.ts'

const ERASE = /* GraphQL */ `
  mutation Erase($input: EraseUserInput!) {
    eraseUser(input: $input) { interactions slates errors { code path } }
  }
`

describeOnBoth('a person who is erased', (acquire) => {
  let stack: Stack
  shareStack(acquire, (started) => {
    stack = started
  })

  test('is forgotten by both subgraphs, and is somebody new afterwards', async () => {
    const userId = 'forgotten@example.org'
    const { data } = await stack.query(HOME_SLATE, { userId })
    const { id, items } = data.recommendations
    const play = (eventId: string) => ({
      input: {
        interactions: [{ eventId, userId, itemId: items.edges[0].itemId, type: 'PLAY', slateId: id }],
      },
    })
    expect((await stack.query(RECORD, play(randomUUID()))).data.recordInteractions.accepted).toBe(1)
    await delivered(stack)
    const experimentation = () => storedText(stack.datastores.experimentation)
    expect(await experimentation()).toContain(userId)

    const officer = { as: { name: 'officer', scopes: ['users:erase'] } }
    const denied = await stack.query(
      ERASE,
      { input: { userId } },
      { as: { name: 'shop', scopes: ['users:any'] } },
    )
    expect(denied.data?.eraseUser ?? null).toBeNull()
    expect(denied.errors).toHaveLength(1)
    const erased = await stack.query(ERASE, { input: { userId } }, officer)
    expect(erased).toMatchObject({
      errors: [],
      data: { eraseUser: { interactions: 1, slates: 1, errors: [] } },
    })

    const slate = 'query ($id: ID!) { slate(id: $id) { id } }'
    expect((await stack.query(slate, { id })).data).toEqual({ slate: null })
    const history = 'query ($id: ID!) { user(id: $id) { interactions { nodes { eventId } } } }'
    const interactionsOf = async () =>
      (await stack.query(history, { id: userId })).data.user.interactions.nodes.length
    expect(await interactionsOf()).toBe(0)
    await waitUntil(
      'experimentation has erased it too',
      async () => !(await experimentation()).includes(userId),
    )

    expect((await stack.query(RECORD, play(randomUUID()))).data.recordInteractions.accepted).toBe(1)
    expect(await interactionsOf()).toBe(1)
    const again = await stack.query(ERASE, { input: { userId: '' } }, officer)
    expect(again.data.eraseUser).toEqual({
      interactions: 0,
      slates: 0,
      errors: [{ code: 'INVALID_IDENTIFIER', path: ['userId'] }],
    })
  })
})
