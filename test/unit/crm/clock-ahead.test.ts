import { expect, it } from 'vitest';
import { clockAhead } from '../../../src/crm/clock-ahead.ts';

const NOON = Date.UTC(2026, 10, 24, 12);
const SECOND = 1000;

it.each<[string, string | undefined, number, number, number | null]>([
  ['the same second', new Date(NOON).toUTCString(), NOON + 400, NOON + 700, 0],
  ['the next second, during a slow answer', new Date(NOON + SECOND).toUTCString(), NOON, NOON + 3000, 0],
  ['a clock ahead', new Date(NOON + 90 * SECOND).toUTCString(), NOON, NOON + 500, 89_500],
  [
    'a clock behind, as little as the whole seconds allow',
    new Date(NOON - 90 * SECOND).toUTCString(),
    NOON,
    NOON,
    -89_000,
  ],
  ['no header', undefined, NOON, NOON, null],
  ['something else', 'soon', NOON, NOON, null],
])('%s', (_what, date, sentAt, receivedAt, ahead) => {
  expect(clockAhead(date, sentAt, receivedAt)).toBe(ahead);
});
