import { z } from 'zod';
import type { Window } from '../../accounts/window.ts';

/**
 * Texts with a unit. A number alone leaves open whether points or people are meant, days or hours, so every
 * number of a model that could be misread is written with its unit. `examples` reach the published JSON Schema.
 */
function withUnit(pattern: RegExp, allowed: string, meaning: string, examples: readonly string[]) {
  return z
    .string({ error: allowed })
    .regex(pattern, { error: allowed })
    .meta({ description: meaning, examples: [...examples] });
}

const ID = 'a lower-case id such as seats_invited';

/** Ids are part of stored scores: lower case, stable. */
export const id = z
  .string({ error: ID })
  .regex(/^[a-z][a-z0-9_-]{0,63}$/, { error: ID })
  .meta({ description: 'A lower-case id. It stays the same for as long as the thing means the same.' });

/** `20 points` -> `"20"`: decimal text, at most six digits after the point. */
export const amount = withUnit(
  /^-?\d{1,6}(\.\d{1,6})? points?$/,
  'points with their unit: "20 points"',
  'Points; decimals are exact.',
  ['20 points', '2.5 points', '-10 points'],
).transform((text) => text.split(' ')[0] ?? '0');

/** `5 points each`, `15 points once`, `high once`. `word` is a name of the model's `weights`. */
export const award = withUnit(
  /^(-?\d{1,6}(\.\d{1,6})? points?|[a-z][a-z_]{0,30}) (once|each)$/,
  'points with their unit: "15 points once" or "5 points each"',
  'Points, `once` (it happened or not) or `each` (for every one counted, without a test beside it). A word instead of a number is looked up in `weights`.',
  ['15 points once', '5 points each', 'high once'],
).transform((text) => {
  const [head = '', last = ''] = [
    text.slice(0, text.lastIndexOf(' ')),
    text.slice(text.lastIndexOf(' ') + 1),
  ];
  const isWord = /^[a-z]/.test(head);
  return {
    amount: isWord ? null : (head.split(' ')[0] ?? '0'),
    word: isWord ? head : null,
    each: last === 'each',
  };
});

/** `20 points`, `4 times`, or both at once: `4 times = 20 points`, which must agree. */
export const cap = withUnit(
  /^(\d{1,9}(\.\d{1,6})? points?|\d{1,9} times?( = \d{1,9}(\.\d{1,6})? points?)?)$/,
  'points or times with their unit: "20 points", "4 times" or "4 times = 20 points"',
  'The most that the rule can give, beside points each only: in points, in times (so many times the points), or in both at once (they must agree). For points below zero: how far down it goes. At least one award.',
  ['20 points', '4 times', '4 times = 20 points'],
).transform((text) => {
  const times = /^(\d+) time/.exec(text)?.[1];
  const points = /(?<![\d.])([\d.]+) points?$/.exec(text)?.[1];
  return { times: times === undefined ? null : Number(times), points: points ?? null };
});

/** `90 days` (UTC days, today included), `168 hours` (exactly), `first 14 days` (since signup), `lifetime`. */
export const window = withUnit(
  /^([1-9]\d{0,3} days?|[1-9]\d{0,4} hours?|first [1-9]\d{0,2} days?|lifetime)$/,
  'a window with its unit: "90 days", "168 hours", "first 14 days" or "lifetime"',
  '`N days`: the last N UTC days, today included. `N hours`: exactly that long before now, so an instant leaves at t + N h. `first N days`: everything before the end of the N-th UTC day since signup, the day of signup being the first. `lifetime`: as far back as the journal reaches.',
  ['90 days', '168 hours', 'first 14 days', 'lifetime'],
).transform(windowOf);

/** The same for how long ago something was: the first days since signup say nothing about that. */
export const age = withUnit(
  /^([1-9]\d{0,3} days?|[1-9]\d{0,4} hours?|lifetime)$/,
  'days or hours before now, such as "90 days" or "168 hours", or "lifetime"',
  '`N days`: the last N UTC days, today included. `N hours`: exactly that long before now, so an instant leaves at t + N h. `lifetime`: whenever it was.',
  ['7 days', '168 hours', 'lifetime'],
).transform(windowOf);

function windowOf(text: string): Window {
  const [first = '', second = '', third] = text.split(' ');
  if (third !== undefined) {
    return { firstDays: Number(second) };
  }
  if (second === '') {
    return 'lifetime';
  }
  return second.startsWith('day') ? { days: Number(first) } : { hours: Number(first) };
}

/** `14 days` -> 14. */
export const days = withUnit(/^\d{1,3} days?$/, 'days with their unit: "30 days"', 'Whole UTC days.', [
  '30 days',
]).transform((text) => Number(text.split(' ')[0]));

/** The same of something that must last: from 1 day on. */
export const length = withUnit(
  /^[1-9]\d{0,2} days?$/,
  'at least one day, with its unit: "30 days"',
  'Whole UTC days, at least one.',
  ['30 days'],
).transform((text) => Number(text.split(' ')[0]));

/** `60 %` -> `"60"`. */
export const percent = withUnit(
  /^(100(\.0{1,4})?|\d{1,2}(\.\d{1,4})?) ?%$/,
  'a share such as "60 %", at most "100 %"',
  'A share in percent, at most 100.',
  ['60 %'],
).transform((text) => text.replace(/ ?%$/, ''));

export const why = z
  .string({ error: 'a sentence for the rep' })
  .min(1, { error: 'a sentence for the rep' })
  .max(500, { error: 'at most 500 characters' })
  .meta({
    description:
      'What a rep reads when this gave points. Words in braces are filled in: {count}, {people}, {first}, {last} for signals; {value} for traits; {count|teammate|teammates} gives the number with the fitting word.',
  });

const NUMBER = 'a number with at most six decimals, below 10^9';

/** Numbers are kept as whole millionths: one with more decimals would become another than the file says. */
export const number = z
  .number({ error: 'a number' })
  .refine((value) => /^-?\d{1,9}(\.\d{1,6})?$/.test(String(value)), { error: NUMBER })
  .meta({ description: 'At most six decimals.' });
