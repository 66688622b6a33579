import type { Sent } from './facts.ts';

const DAY = 86_400_000;

/** Midnight UTC of day 0 in the oracle's tests: Monday 2026-03-02. */
export const DAY_0 = Date.UTC(2026, 2, 2);

/** An instant in the words of a test: `at(3, 9.5)` is half past nine on day 3. */
export function at(day: number, hour = 12): number {
  return DAY_0 + day * DAY + hour * 3_600_000;
}

let serial = 0;

/**
 * A Segment call that arrives when it happens, unless `arrives` says otherwise. `group` is its
 * `context.groupId`.
 */
export function call(when: number, over: Record<string, unknown> & { group?: string }, arrives = when): Sent {
  serial += 1;
  const { group, ...rest } = over;
  return {
    at: arrives,
    route: 'segment',
    body: {
      type: 'track',
      messageId: `m-${serial}`,
      userId: 'u-1',
      timestamp: new Date(when).toISOString(),
      context: group === undefined ? {} : { groupId: group },
      properties: {},
      ...rest,
    },
  };
}

export function did(when: number, event: string, properties: Record<string, unknown> = {}, over = {}): Sent {
  return call(when, { event, properties, group: 'acct-1', ...over });
}

/** A group call with the firmographics of a full fit but for the tech stack: 15 + 10. */
export function company(when: number, traits: Record<string, unknown> = {}, over = {}): Sent {
  return call(when, {
    type: 'group',
    groupId: 'acct-1',
    traits: { employees: 240, industry: 'Software', ...traits },
    ...over,
  });
}

export function identify(when: number, userId: string, traits: Record<string, unknown>, over = {}): Sent {
  return call(when, { type: 'identify', userId, traits, ...over });
}
