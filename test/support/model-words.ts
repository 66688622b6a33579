import fc from 'fast-check';

/** Points that binary fractions cannot hold, small and large, also below zero. */
export const POINTS = [
  '27.5 points',
  '0.1 points',
  '3.333333 points',
  '5 points',
  '1 point',
  '0.000001 points',
  '-7.25 points',
  '-0.7 points',
];

const ages = [
  '1 day',
  '2 days',
  '7 days',
  '30 days',
  '90 days',
  '1 hour',
  '36 hours',
  '168 hours',
  'lifetime',
];
export const windowsOfAge = fc.constantFrom(...ages);
export const windows = fc.constantFrom(...ages, 'first 3 days', 'first 14 days');
export const windowsOfDays = fc.constantFrom('1 day', '2 days', '7 days', '30 days', '90 days');

/** Left out more often than not. */
export function orNot<T>(arbitrary: fc.Arbitrary<T>, weight = 1): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight, arbitrary: fc.constant(undefined) }, arbitrary);
}

export function optional(key: string, value: unknown): Record<string, unknown> {
  return value === undefined ? {} : { [key]: value };
}

/** A test of a count: none, or one of the three. Within hours counts go no further than eight. */
export const countTests = fc.oneof(
  fc.constant({}),
  fc.constantFrom<Record<string, unknown>>(
    { at_least: 1 },
    { at_least: 2 },
    { at_least: 3 },
    { at_most: 0 },
    { at_most: 2 },
    { between: [1, 2] },
    { between: [2, 5] },
  ),
);

/** Of sums and ratios. */
export const amountTests = fc.constantFrom<Record<string, unknown>>(
  {},
  { at_least: 0.3 },
  { at_least: 2.1 },
  { at_most: 0.7 },
  { at_most: 0.666667 },
  { between: [0.1, 1.4] },
);

export const numberValueTests = fc.constantFrom<Record<string, unknown>>(
  { at_least: 101 },
  { at_most: 200 },
  { between: [101, 500] },
  { equals: 240 },
  { equals: '240' },
  { in: [100, 'many', 501] },
  { known: true },
  { known: false },
);

export const textValueTests = fc.constantFrom<Record<string, unknown>>(
  { equals: 'Software' },
  { equals: true },
  { in: ['software', ' Paper'] },
  { in: ['healthcare', true, 7] },
  { known: true },
  { known: false },
);

/** Traits of the account, and of people, with the tests that make sense of them. */
export const accountTraitTests = fc.oneof(
  numberValueTests.map((test) => ({ trait: 'employees', ...test })),
  textValueTests.map((test) => ({ trait: 'industry', ...test })),
  textValueTests.map((test) => ({ trait: 'tech_stack', ...test })),
);

export const personTraitTests = fc.oneof(
  numberValueTests.map((test) => ({ level: test })),
  textValueTests.map((test) => ({ department: test })),
);
