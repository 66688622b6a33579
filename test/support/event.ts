import type { ProductEvent } from '../../src/events/event.ts';

let serial = 0;

/** Monday 2026-03-02, 12:00 UTC: noon of day 0 in most tests. */
export const NOON = Date.UTC(2026, 2, 2, 12);

/** A track event with only what matters overridden. Every call gives another message id. */
export function event(over: Partial<ProductEvent> = {}): ProductEvent {
  serial += 1;
  return {
    vendor: 'segment',
    id: `m-${String(serial).padStart(6, '0')}`,
    kind: 'track',
    name: 'Key Feature Used',
    at: NOON,
    receivedAt: over.at ?? NOON,
    userId: 'u-1',
    anonymousId: null,
    email: null,
    previousId: null,
    accountId: null,
    properties: {},
    personTraits: [],
    accountTraits: [],
    declared: false,
    ...over,
  };
}

/** An identify with the given traits. */
export function identify(
  traits: Record<string, string | number | boolean | null>,
  over: Partial<ProductEvent> = {},
) {
  return event({ kind: 'identify', name: null, declared: true, personTraits: setTraits(traits), ...over });
}

/** A group call that puts the person into `accountId`. */
export function group(
  accountId: string,
  traits: Record<string, string | number | boolean | null | string[]> = {},
  over: Partial<ProductEvent> = {},
) {
  return event({
    kind: 'group',
    name: null,
    declared: true,
    accountId,
    accountTraits: setTraits(traits),
    ...over,
  });
}

function setTraits(traits: Record<string, string | number | boolean | null | string[]>) {
  return Object.entries(traits).map(([name, value]) =>
    value === null ? { op: 'unset' as const, name, value } : { op: 'set' as const, name, value },
  );
}
