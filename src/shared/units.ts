import { z } from 'zod';

/**
 * A text of a fixed form, such as a number with its unit, so that "due: 24" never leaves open what is meant.
 * Pattern, description and examples stand in the published JSON Schema: a program can write valid ones from it.
 *
 * @param pattern anchored at both ends
 * @param examples valid texts; the first one also stands in the message
 */
export function formOf(pattern: RegExp, description: string, examples: readonly [string, ...string[]]) {
  const error = `${description}: ${examples.map((example) => `"${example}"`).join(' or ')}`;
  return z
    .string({ error })
    .regex(pattern, { error })
    .meta({ description, examples: [...examples] });
}

/** `24 hours` -> 24 */
export function hours(description: string) {
  return formOf(/^\d{1,4} hours?$/, description, ['24 hours', '1 hour']).transform(leadingNumber);
}

/** `3 days` -> 3 */
export function days(description: string) {
  return formOf(/^\d{1,3} days?$/, description, ['3 days', '1 day']).transform(leadingNumber);
}

export function leadingNumber(text: string): number {
  return Number(text.split(' ')[0]);
}

/** A list that must not be empty. */
export function someOf<T extends z.ZodType>(item: T, description: string) {
  return z.array(item).min(1, { error: 'at least one entry' }).describe(description);
}
