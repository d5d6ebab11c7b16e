import { getNullableType, isObjectType, isUnionType } from 'graphql'
import { z } from 'zod'
import { publicFieldsOf } from '../public-fields.ts'
import { defineRule } from '../rule.ts'

export const mutationPayloads = defineRule({
  name: 'mutation-payloads',
  recommended: 'warning',
  summary: 'A mutation returns an object or union made for answers, such as `CreateOrderPayload`.',
  reason:
    'Errors and further results can be added to a payload later, but not to a bare scalar, entity or list.',
  advice: 'Wrap what the mutation returns in a payload type.',
  options: {
    suffixes: z
      .array(z.string().min(1))
      .min(1)
      .default(['Payload', 'Result', 'Response'])
      .describe('Endings that the name of a payload may have.'),
  },
  *find({ types }, { suffixes }) {
    for (const { view, api } of types.filter(({ root }) => root === 'mutation').flatMap(publicFieldsOf)) {
      const type = getNullableType(api.type)
      const isPayload =
        (isObjectType(type) || isUnionType(type)) && suffixes.some((suffix) => type.name.endsWith(suffix))
      if (isPayload) continue
      const message = `The mutation \`${view.coordinate}\` returns \`${type}\`, which is no payload (${suffixes.map((suffix) => `…${suffix}`).join(', ')}).`
      yield { coordinate: view.coordinate, message, declarations: view.declarations }
    }
  },
})
