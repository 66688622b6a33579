import fc from 'fast-check';
import type { ProductEvent } from '../../src/events/event.ts';
import { HOUR } from '../../src/shared/time.ts';
import { event, group, identify, NOON } from './event.ts';

const NAMES = [
  'Invite Sent',
  'Key Feature Used',
  'Workflow Configured',
  'API Integration Created',
  'Limit Breach Attempted',
  'Checkout Started',
  'Checkout Completed',
  'API Calls Made',
  'Signed In',
  'group',
  'identify',
];

const letters = ['a', 'b', 'c', 'd', 'e', 'f'];

/** One event of a small company, up to `past` hours before noon and up to `future` milliseconds after it. */
function anyEvent(past: number, future: number): fc.Arbitrary<ProductEvent> {
  return fc
    .record({
      name: fc.constantFrom(...NAMES),
      userId: fc.constantFrom('u-1', 'u-2', 'u-3', 'u-4'),
      at: fc.oneof(
        fc.integer({ min: -past * HOUR, max: 0 }),
        fc.integer({ min: -past, max: 0 }).map((hours) => hours * HOUR),
        fc.integer({ min: -8 * 24 * HOUR, max: future }),
      ),
      letter: fc.constantFrom(...letters),
      department: fc.constantFrom('Sales', ' sales', 'IT', 'Finance', null),
      employees: fc.constantFrom<(number | string)[]>(100, 101, 500, 501, '240', '101-500', '51-200', 'many'),
      industry: fc.constantFrom('Software', 'healthcare ', 'Paper', null),
      tools: fc.subarray([...letters, 'A', ' b']),
    })
    .map(({ name, userId, at, letter, department, employees, industry, tools }) => {
      const base = { userId, at: NOON + at, accountId: 'acct-7' };
      if (name === 'group') {
        return group('acct-7', { employees, industry, tech_stack: tools }, base);
      }
      return name === 'identify'
        ? identify({ department }, base)
        : event({ ...base, name, properties: { invitee_email: `${letter}@x.example`, count: 0.7 } });
    });
}

/** What happened in a small company within about 100 days. */
export const histories = fc.array(anyEvent(100 * 24, 0), { minLength: 1, maxLength: 30 });

/** The same, and a little that another machine, whose clock is ahead, has already dated after noon. */
export const aheadHistories = fc.array(anyEvent(100 * 24, 5000), { minLength: 1, maxLength: 30 });
