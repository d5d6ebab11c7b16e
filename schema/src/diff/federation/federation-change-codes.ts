/** What can happen to a graph beneath the schema that clients see: for each code, why it has each of its grades, and what to do about it. */
export const FEDERATION_CHANGE_CODES = {
  SUBGRAPH_ADDED: {
    grades: { SAFE: 'What it brings is compared element by element.' },
    advice: 'Nothing.',
  },
  SUBGRAPH_REMOVED: {
    grades: { DANGEROUS: 'A gateway that still has the old supergraph goes on asking it.' },
    advice: 'Let it run until every gateway has the new supergraph.',
  },
  INACCESSIBLE_ADDED: {
    grades: { BREAKING: 'Clients no longer see it, so operations that use it are refused.' },
    advice: 'Deprecate it, wait until no operation uses it, then make it @inaccessible.',
  },
  INACCESSIBLE_REMOVED: {
    grades: {
      DANGEROUS: 'Clients see it for the first time, also those that were not written for it.',
      SAFE: 'Clients see it for the first time, so no operation uses it.',
    },
    advice: 'The same as for something that is added.',
  },
  FIELD_MOVED: {
    grades: {
      DANGEROUS:
        'Operations that select the field now get it from subgraphs that did not answer for it before.',
    },
    advice:
      'Move it step by step with a labelled @override, and keep the old resolver until every gateway has the new supergraph.',
  },
  FIELD_SHARED: {
    grades: { SAFE: '@shareable promises that every subgraph that has the field answers alike.' },
    advice: 'See that both subgraphs answer alike.',
  },
  FIELD_UNSHARED: {
    grades: { SAFE: 'The other subgraphs that have the field still answer.' },
    advice: 'Keep the resolver until every gateway has the new supergraph.',
  },
  SHAREABLE_ADDED: {
    grades: { SAFE: 'Other subgraphs may have the field too; clients see no difference.' },
    advice: 'Nothing.',
  },
  SHAREABLE_REMOVED: {
    grades: { SAFE: 'The graph composes, so no other subgraph needs it; clients see no difference.' },
    advice: 'Nothing.',
  },
  KEY_ADDED: {
    grades: { SAFE: 'No query plan used the key before.' },
    advice: 'Release the reference resolver before the supergraph.',
  },
  KEY_REMOVED: {
    grades: {
      DANGEROUS:
        'A gateway that still has the old supergraph goes on asking the subgraph for entities by this key.',
    },
    advice: 'Keep the reference resolver until every gateway has the new supergraph.',
  },
  KEY_RESOLVABLE_CHANGED: {
    grades: {
      DANGEROUS:
        'A gateway that still has the old supergraph goes on asking the subgraph for entities by this key.',
      SAFE: 'The subgraph now answers for entities that it did not answer for before.',
    },
    advice: 'Keep the reference resolver until every gateway has the new supergraph.',
  },
  INTERFACE_OBJECT_ADDED: {
    grades: {
      DANGEROUS:
        'The subgraph no longer says which type an object of the interface has: a plan has to ask another for it.',
    },
    advice:
      'Release the supergraph and the subgraph together, and look at the plans of the operations that use the interface.',
  },
  INTERFACE_OBJECT_REMOVED: {
    grades: { DANGEROUS: 'The subgraph now says itself which type an object of the interface has.' },
    advice: 'See that the subgraph knows every type that implements the interface.',
  },
  REQUIRES_ADDED: {
    grades: { DANGEROUS: 'The field now waits for a fetch of what it requires.' },
    advice: 'Release the supergraph before the resolver relies on what it requires.',
  },
  REQUIRES_CHANGED: {
    grades: {
      DANGEROUS: 'A gateway that still has the old supergraph gives the resolver what it required before.',
    },
    advice: 'Let the resolver live with both until every gateway has the new supergraph.',
  },
  REQUIRES_REMOVED: {
    grades: { SAFE: 'The resolver needs less than it gets.' },
    advice: 'Nothing.',
  },
  PROVIDES_ADDED: {
    grades: {
      DANGEROUS:
        'By this way clients now get the provided fields from this subgraph, which must answer as their owner does.',
    },
    advice: 'Release the resolver before the supergraph.',
  },
  PROVIDES_CHANGED: {
    grades: {
      DANGEROUS:
        'By this way clients now get other fields from this subgraph, which must answer as their owner does.',
    },
    advice: 'Keep the resolver of what is no longer provided until every gateway has the new supergraph.',
  },
  PROVIDES_REMOVED: {
    grades: { DANGEROUS: 'By this way the fields now cost one more fetch, from their owner.' },
    advice: 'Keep the resolver until every gateway has the new supergraph, and look at the plans.',
  },
  EXTERNAL_ADDED: {
    grades: { DANGEROUS: 'The subgraph no longer answers for the field, so a plan may need another fetch.' },
    advice: 'Keep the resolver until every gateway has the new supergraph.',
  },
  EXTERNAL_REMOVED: {
    grades: { SAFE: '@shareable promises that every subgraph that has the field answers alike.' },
    advice: 'Release the resolver before the supergraph.',
  },
  OVERRIDE_ADDED: {
    grades: {
      DANGEROUS: 'Operations that select the field now get it, all or some of them, from another subgraph.',
    },
    advice:
      'Move a field step by step with a label, and keep the old resolver until every gateway has the new supergraph.',
  },
  OVERRIDE_CHANGED: {
    grades: { DANGEROUS: 'Other requests than before get the field from another subgraph.' },
    advice: 'Watch the errors and the latency of the field while you go on.',
  },
  OVERRIDE_REMOVED: {
    grades: { SAFE: 'Which subgraphs answer for the field is compared by itself.' },
    advice: 'Nothing.',
  },
  CONTEXT_ADDED: {
    grades: { SAFE: 'Nothing changes until an argument takes a value from the context.' },
    advice: 'Nothing.',
  },
  CONTEXT_REMOVED: {
    grades: { DANGEROUS: 'Arguments no longer take a value from this type.' },
    advice: 'Let the resolver live without the value until every gateway has the new supergraph.',
  },
  FROM_CONTEXT_ADDED: {
    grades: { DANGEROUS: 'The gateway gives the argument, so the field waits for the value.' },
    advice: 'Release the supergraph before the resolver relies on the argument.',
  },
  FROM_CONTEXT_CHANGED: {
    grades: { DANGEROUS: 'The gateway gives the argument another value.' },
    advice: 'Let the resolver live with both until every gateway has the new supergraph.',
  },
  FROM_CONTEXT_REMOVED: {
    grades: { DANGEROUS: 'The gateway no longer gives the argument.' },
    advice: 'Let the resolver live without the value before the supergraph is released.',
  },
  AUTHENTICATED_ADDED: {
    grades: { BREAKING: 'Callers who are not signed in no longer get it.' },
    advice: 'Ask the clients to sign in, and wait until they do.',
  },
  AUTHENTICATED_REMOVED: {
    grades: { DANGEROUS: 'Callers who are not signed in may now get what was kept from them.' },
    advice: 'See that the data is meant for everybody.',
  },
  SCOPES_TIGHTENED: {
    grades: { BREAKING: 'Callers whose scopes were enough no longer get it.' },
    advice: 'Give the new scopes to those who use it before you require them.',
  },
  SCOPES_LOOSENED: {
    grades: { DANGEROUS: 'Callers whose scopes were not enough may now get what was kept from them.' },
    advice: 'See that the data is meant for them.',
  },
  POLICY_TIGHTENED: {
    grades: { BREAKING: 'Callers who met the policies no longer get it.' },
    advice: 'See that those who use it meet the new policies before you require them.',
  },
  POLICY_LOOSENED: {
    grades: { DANGEROUS: 'Callers who did not meet the policies may now get what was kept from them.' },
    advice: 'See that the data is meant for them.',
  },
  TAG_ADDED: {
    grades: {
      DANGEROUS: 'Clients of this graph see no difference, but contract variants that filter by the tag do.',
    },
    advice: 'Check the contract variants that include or exclude the tag.',
  },
  TAG_REMOVED: {
    grades: {
      DANGEROUS: 'Clients of this graph see no difference, but contract variants that filter by the tag do.',
    },
    advice: 'Check the contract variants that include or exclude the tag.',
  },
  COST_CHANGED: {
    grades: {
      DANGEROUS: 'Operations cost more than before, so a limit may refuse them.',
      SAFE: 'Operations cost less than before.',
    },
    advice: 'Compare the cost of the operations that use it with the limit.',
  },
  LIST_SIZE_CHANGED: {
    grades: {
      DANGEROUS: 'Operations may cost more than before, so a limit may refuse them.',
      SAFE: 'Operations cost less than before.',
    },
    advice: 'Compare the cost of the operations that use it with the limit.',
  },
  COMPOSED_DIRECTIVE_ADDED: {
    grades: { SAFE: 'The supergraph has a directive that it did not have; clients see no difference.' },
    advice: 'Nothing.',
  },
  COMPOSED_DIRECTIVE_REMOVED: {
    grades: { DANGEROUS: 'What reads the directive from the supergraph no longer finds it.' },
    advice: 'Ask those who run the gateway whether it reads the directive.',
  },
  COMPOSED_DIRECTIVE_CHANGED: {
    grades: {
      DANGEROUS: 'What reads the directive from the supergraph may rely on the definition that it had.',
    },
    advice: 'Ask those who run the gateway whether it reads the directive, and by which definition.',
  },
  DIRECTIVE_USE_CHANGED: {
    grades: { DANGEROUS: 'What reads the directive from the supergraph may treat the element differently.' },
    advice: 'Ask those who run the gateway what the directive does.',
  },
} as const
