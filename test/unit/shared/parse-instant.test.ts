import { expect, it } from 'vitest';
import { parseInstant } from '../../../src/shared/time.ts';

const NOON = Date.UTC(2026, 2, 2, 12);

it.each([
  ['2026-03-02T12:00:00Z', NOON],
  ['2026-03-02T12:00Z', NOON],
  ['2026-03-02T12:00', NOON],
  ['2026-03-02T13:00:00.000+01:00', NOON],
  ['2026-03-02', NOON - 12 * 3_600_000],
  ['2026-02-30', null],
  ['2026-03-02T25:00Z', null],
  ['yesterday', null],
  ['1', null],
  ['', null],
])('%s is %s', (text, at) => {
  expect(parseInstant(text)).toBe(at);
});
