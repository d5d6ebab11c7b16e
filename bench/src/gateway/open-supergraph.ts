import { Kind, parse, print, visit } from 'graphql'

const ACCESS = 'requiresScopes'

/**
 * A supergraph without its rules for access: `@apollo/gateway` refuses to load them, and the others enforce them in ways
 * of their own. The subgraphs authorize all the same.
 */
export function withoutAccessRules(sdl: string): string {
  const document = visit(parse(sdl), {
    Directive({ name, arguments: args = [] }) {
      const isLink =
        name.value === 'link' &&
        args.some(({ value }) => value.kind === Kind.STRING && value.value.includes(ACCESS))
      return isLink || name.value === ACCESS ? null : undefined
    },
    DirectiveDefinition: ({ name }) => (name.value === ACCESS ? null : undefined),
    ScalarTypeDefinition: ({ name }) => (name.value.startsWith(`${ACCESS}__`) ? null : undefined),
  })
  return print(document)
}
