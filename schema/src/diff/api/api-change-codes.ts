/**
 * What can happen to the schema that clients see: for each code, why it has each of its grades, and what to do about it.
 * The codes are graphql-inspector's where it has one.
 */
export const API_CHANGE_CODES = {
  TYPE_ADDED: {
    grades: { SAFE: 'No operation can use a type that was not there.' },
    advice: 'Nothing.',
  },
  TYPE_REMOVED: {
    grades: { BREAKING: 'Operations that name the type or select a field of it are refused.' },
    advice: 'Deprecate every field that leads to the type, wait until none is used, then remove the type.',
  },
  TYPE_KIND_CHANGED: {
    grades: {
      BREAKING: 'Operations are written differently for each kind of type, so those that use it are refused.',
    },
    advice: 'Add a type of the new kind under another name.',
  },
  FIELD_ADDED: {
    grades: { SAFE: 'Operations get the fields that they select, and none selects a new one.' },
    advice: 'Nothing.',
  },
  FIELD_REMOVED: {
    grades: { BREAKING: 'Operations that select the field are refused.' },
    advice: 'Deprecate the field, wait until no operation selects it, then remove it.',
  },
  FIELD_TYPE_CHANGED: {
    grades: {
      BREAKING:
        'Clients were promised the old type: they may get null where none could be, or a value that they do not read.',
      SAFE: 'Every value of the new type is one of the old type: null is what clients get no more.',
    },
    advice: 'Add a field with the new type, and deprecate this one.',
  },
  FIELD_ARGUMENT_ADDED: {
    grades: {
      BREAKING: 'The argument is required, and no operation gives it yet.',
      DANGEROUS: 'Operations that do not give the argument get what its absence or its default means.',
    },
    advice: 'Make a new argument optional, with a meaning of its absence that changes nothing.',
  },
  FIELD_ARGUMENT_REMOVED: {
    grades: { BREAKING: 'Operations that give the argument are refused.' },
    advice: 'Deprecate the argument, wait until no operation gives it, then remove it.',
  },
  FIELD_ARGUMENT_TYPE_CHANGED: {
    grades: {
      BREAKING: 'Operations that give null, nothing or a value of the old type are refused.',
      SAFE: 'Every value that operations could give is still accepted.',
    },
    advice: 'Add an argument with the new type, and deprecate this one.',
  },
  FIELD_ARGUMENT_DEFAULT_CHANGED: {
    grades: {
      BREAKING:
        'Without its default the argument is required, and operations that do not give it are refused.',
      DANGEROUS: 'Operations that do not give the argument now mean another value.',
      SAFE: 'The argument was required, so every operation gives it.',
    },
    advice: 'Ask those who do not give the argument whether the new value suits them.',
  },
  INPUT_FIELD_ADDED: {
    grades: {
      BREAKING: 'The input field is required, and no operation gives it yet.',
      DANGEROUS: 'Operations that do not give the input field get what its absence or its default means.',
    },
    advice: 'Make a new input field optional, with a meaning of its absence that changes nothing.',
  },
  INPUT_FIELD_REMOVED: {
    grades: { BREAKING: 'Operations that give the input field are refused.' },
    advice: 'Deprecate the input field, wait until no operation gives it, then remove it.',
  },
  INPUT_FIELD_TYPE_CHANGED: {
    grades: {
      BREAKING: 'Operations that give null, nothing or a value of the old type are refused.',
      SAFE: 'Every value that operations could give is still accepted.',
    },
    advice: 'Add an input field with the new type, and deprecate this one.',
  },
  INPUT_FIELD_DEFAULT_VALUE_CHANGED: {
    grades: {
      BREAKING:
        'Without its default the input field is required, and operations that do not give it are refused.',
      DANGEROUS: 'Operations that do not give the input field now mean another value.',
      SAFE: 'The input field was required, so every operation gives it.',
    },
    advice: 'Ask those who do not give the input field whether the new value suits them.',
  },
  ENUM_VALUE_ADDED: {
    grades: {
      DANGEROUS: 'Clients may get a value that they were not written for.',
      SAFE: 'No field returns the enum: clients give its values and never get one.',
    },
    advice: 'See that clients have a branch for values that they do not know.',
  },
  ENUM_VALUE_REMOVED: {
    grades: { BREAKING: 'Operations that give the value are refused.' },
    advice: 'Deprecate the value, wait until no operation gives it, then remove it.',
  },
  UNION_MEMBER_ADDED: {
    grades: { DANGEROUS: 'Clients may get an object of a type that they were not written for.' },
    advice: 'See that clients have a branch for types that they do not know.',
  },
  UNION_MEMBER_REMOVED: {
    grades: { BREAKING: 'Operations that select the type within the union are refused.' },
    advice: 'Return the type no more, wait until no operation selects it, then remove it from the union.',
  },
  OBJECT_TYPE_INTERFACE_ADDED: {
    grades: {
      DANGEROUS:
        'Clients may get an object of a type that they were not written for where they ask for the interface.',
      SAFE: 'The interface is new as well, so no operation asks for it.',
    },
    advice: 'See that clients have a branch for types that they do not know.',
  },
  OBJECT_TYPE_INTERFACE_REMOVED: {
    grades: { BREAKING: 'Operations that select the type where the interface is are refused.' },
    advice: 'Wait until no operation selects the type by the interface.',
  },
  DIRECTIVE_ADDED: {
    grades: { SAFE: 'No operation can use a directive that was not there.' },
    advice: 'Nothing.',
  },
  DIRECTIVE_REMOVED: {
    grades: { BREAKING: 'Operations that use the directive are refused.' },
    advice:
      'Wait until no operation uses the directive. One that a single subgraph lacks is not in the graph.',
  },
  DIRECTIVE_LOCATION_ADDED: {
    grades: { SAFE: 'Every place that allowed the directive still does.' },
    advice: 'Nothing.',
  },
  DIRECTIVE_LOCATION_REMOVED: {
    grades: { BREAKING: 'Operations that use the directive in this place are refused.' },
    advice: 'Wait until no operation uses the directive there.',
  },
  DIRECTIVE_REPEATABLE_ADDED: {
    grades: { SAFE: 'Operations that use the directive once are still accepted.' },
    advice: 'Nothing.',
  },
  DIRECTIVE_REPEATABLE_REMOVED: {
    grades: { BREAKING: 'Operations that use the directive more than once in one place are refused.' },
    advice: 'Wait until no operation repeats the directive.',
  },
  DIRECTIVE_ARGUMENT_ADDED: {
    grades: {
      BREAKING: 'The argument is required, and no operation gives it yet.',
      SAFE: 'The argument is optional, and no operation gives it yet.',
    },
    advice: 'Make a new argument optional.',
  },
  DIRECTIVE_ARGUMENT_REMOVED: {
    grades: { BREAKING: 'Operations that give the argument are refused.' },
    advice: 'Wait until no operation gives the argument.',
  },
  DIRECTIVE_ARGUMENT_TYPE_CHANGED: {
    grades: {
      BREAKING: 'Operations that give null, nothing or a value of the old type are refused.',
      SAFE: 'Every value that operations could give is still accepted.',
    },
    advice: 'Add an argument with the new type.',
  },
  DIRECTIVE_ARGUMENT_DEFAULT_VALUE_CHANGED: {
    grades: {
      BREAKING:
        'Without its default the argument is required, and operations that do not give it are refused.',
      DANGEROUS: 'Operations that do not give the argument now mean another value.',
      SAFE: 'The argument was required, so every operation gives it.',
    },
    advice: 'Ask those who do not give the argument whether the new value suits them.',
  },
  DEPRECATION_ADDED: {
    grades: { SAFE: 'What is deprecated still works.' },
    advice: 'Tell those who use it what to use instead, and by when.',
  },
  DEPRECATION_REMOVED: {
    grades: { SAFE: 'What was deprecated stays.' },
    advice: 'Nothing.',
  },
  DEPRECATION_REASON_CHANGED: {
    grades: { SAFE: 'It was deprecated before, and still works.' },
    advice: 'Nothing.',
  },
  SPECIFIED_BY_CHANGED: {
    grades: { DANGEROUS: 'Clients that read the scalar as the old specification says may misread it.' },
    advice: 'Add a scalar under another name if the values change.',
  },
} as const
