import { readFileSync } from 'node:fs';
import { applyAccountTraits, applySignals, applyTraits, emptyPart } from '../src/accounts/fold.ts';
import { readSignals, type SignalPlan } from '../src/accounts/signal-plan.ts';
import type { AccountState, PersonPart } from '../src/accounts/state.ts';
import type { ProductEvent } from '../src/events/event.ts';
import { DAY, MINUTE } from '../src/shared/time.ts';

/** 2026-06-01, noon UTC: now, in all benchmarks. */
export const NOW = Date.UTC(2026, 5, 1, 12);

export function shippedPlan(): SignalPlan {
  const file = 'mappings/signals.yaml';
  const read = readSignals(file, readFileSync(new URL(`../${file}`, import.meta.url), 'utf8'));
  if (!read.ok) {
    throw new Error(JSON.stringify(read.error));
  }
  return read.value;
}

/** What the people of a busy account do, most frequent first. */
const DEEDS: readonly [string, Record<string, string | number | boolean>][] = [
  ['Key Feature Used', { feature: 'reports' }],
  ['Signed In', {}],
  ['Core Action Completed', { action: 'email_sent' }],
  ['Record Created', { kind: 'deal' }],
  ['API Calls Made', { count: 25 }],
  ['Something Untracked', { colour: 'blue' }],
  ['Pricing Page Viewed', { in_app: true }],
  ['Invite Sent', { invitee_email: 'someone' }],
  ['Limit Reached', { limit: 'seats' }],
];

/** `count` events of four people over the 90 days before NOW, in order of time; the same at every run. */
export function eventsOf(count: number): ProductEvent[] {
  return Array.from({ length: count }, (_, i) => {
    const [name, properties] = DEEDS[Math.floor(((i * 7919) % 97) ** 2 / 1046)] ?? ['Signed In', {}];
    const at = NOW - 90 * DAY + Math.floor(((i + 1) / count) * 90 * DAY) - ((i * 31) % 600) * MINUTE;
    return {
      vendor: 'segment',
      id: `m-${i}`,
      kind: 'track',
      name,
      at,
      receivedAt: at,
      userId: `u-${i % 4}`,
      anonymousId: null,
      email: null,
      previousId: null,
      accountId: 'acct-7',
      properties:
        name === 'Invite Sent' ? { invitee_email: `p${i % 40}@x.example` } : { ...properties, plan: 'free' },
      personTraits: [],
      accountTraits: [],
      declared: false,
    };
  });
}

/** The events of one account folded, a part for each person. */
export function foldEvents(plan: SignalPlan, events: readonly ProductEvent[]): AccountState {
  const parts = new Map<string, PersonPart>();
  for (const event of events) {
    const person = `u:${event.userId}`;
    let part = parts.get(person);
    if (part === undefined) {
      part = { person, ...emptyPart() };
      parts.set(person, part);
    }
    applySignals(plan, part, event);
    applyTraits(part.traits, event);
    applyAccountTraits(part, event);
  }
  return { key: 'acct-7', parts: [...parts.values()] };
}
