import { isRequiredArgument } from 'graphql'
import { change } from '../change.ts'
import { findDirectiveArgument } from '../schema-lookup.ts'
import { directiveArgumentCoordinate, directiveCoordinate } from '../use.ts'
import { defaultInWords, gradeOfDefault, type Translations } from './translations.ts'

/** Changes of the directives that operations can use. */
export const DIRECTIVE_TRANSLATIONS: Translations = {
  DIRECTIVE_ADDED({ addedDirectiveName }) {
    const directive = directiveCoordinate(addedDirectiveName)
    return change('DIRECTIVE_ADDED', 'SAFE', directive, `Directive ${directive} is new.`)
  },
  DIRECTIVE_REMOVED({ removedDirectiveName }) {
    const directive = directiveCoordinate(removedDirectiveName)
    return change('DIRECTIVE_REMOVED', 'BREAKING', directive, `Directive ${directive} is gone.`, {
      uses: [[directive]],
    })
  },
  DIRECTIVE_LOCATION_ADDED({ directiveName, addedDirectiveLocation: place }, { base }) {
    if (!base.getDirective(directiveName)) return null
    const directive = directiveCoordinate(directiveName)
    return change(
      'DIRECTIVE_LOCATION_ADDED',
      'SAFE',
      directive,
      `Directive ${directive} is now allowed on ${place}.`,
      { detail: place },
    )
  },
  DIRECTIVE_LOCATION_REMOVED({ directiveName, removedDirectiveLocation: place }) {
    const directive = directiveCoordinate(directiveName)
    return change(
      'DIRECTIVE_LOCATION_REMOVED',
      'BREAKING',
      directive,
      `Directive ${directive} is no longer allowed on ${place}.`,
      { detail: place, uses: [[directive]] },
    )
  },
  DIRECTIVE_REPEATABLE_ADDED({ directiveName }, { base }) {
    if (!base.getDirective(directiveName)) return null
    const directive = directiveCoordinate(directiveName)
    return change(
      'DIRECTIVE_REPEATABLE_ADDED',
      'SAFE',
      directive,
      `Directive ${directive} can now be repeated.`,
    )
  },
  DIRECTIVE_REPEATABLE_REMOVED({ directiveName }) {
    const directive = directiveCoordinate(directiveName)
    return change(
      'DIRECTIVE_REPEATABLE_REMOVED',
      'BREAKING',
      directive,
      `Directive ${directive} can no longer be repeated.`,
      { uses: [[directive]] },
    )
  },
  DIRECTIVE_ARGUMENT_ADDED({ directiveName, addedDirectiveArgumentName, addedToNewDirective }, { head }) {
    const argument = findDirectiveArgument(head, directiveName, addedDirectiveArgumentName)
    if (addedToNewDirective || argument === undefined) return null
    const required = isRequiredArgument(argument)
    const coordinate = directiveArgumentCoordinate(directiveName, addedDirectiveArgumentName)
    return change(
      'DIRECTIVE_ARGUMENT_ADDED',
      required ? 'BREAKING' : 'SAFE',
      coordinate,
      `${required ? 'Required' : 'Optional'} argument ${coordinate} is new, of type ${argument.type}.`,
      { uses: [[directiveCoordinate(directiveName)]] },
    )
  },
  DIRECTIVE_ARGUMENT_REMOVED({ directiveName, removedDirectiveArgumentName }) {
    const argument = directiveArgumentCoordinate(directiveName, removedDirectiveArgumentName)
    return change('DIRECTIVE_ARGUMENT_REMOVED', 'BREAKING', argument, `Argument ${argument} is gone.`, {
      uses: [[argument]],
    })
  },
  DIRECTIVE_ARGUMENT_TYPE_CHANGED(meta) {
    const argument = directiveArgumentCoordinate(meta.directiveName, meta.directiveArgumentName)
    return change(
      'DIRECTIVE_ARGUMENT_TYPE_CHANGED',
      meta.isSafeDirectiveArgumentTypeChange ? 'SAFE' : 'BREAKING',
      argument,
      `Argument ${argument} was of type ${meta.oldDirectiveArgumentType} and is of type ${meta.newDirectiveArgumentType}.`,
      { uses: [[directiveCoordinate(meta.directiveName)]] },
    )
  },
  DIRECTIVE_ARGUMENT_DEFAULT_VALUE_CHANGED(meta, { base, head }) {
    const { directiveName, directiveArgumentName } = meta
    const before = findDirectiveArgument(base, directiveName, directiveArgumentName)
    const after = findDirectiveArgument(head, directiveName, directiveArgumentName)
    if (before === undefined || after === undefined) return null
    const argument = directiveArgumentCoordinate(directiveName, directiveArgumentName)
    return change(
      'DIRECTIVE_ARGUMENT_DEFAULT_VALUE_CHANGED',
      gradeOfDefault(isRequiredArgument(before), isRequiredArgument(after)),
      argument,
      `Argument ${argument} ${defaultInWords(meta.oldDirectiveArgumentDefaultValue, meta.newDirectiveArgumentDefaultValue)}.`,
      { uses: [[directiveCoordinate(directiveName)]] },
    )
  },
}
