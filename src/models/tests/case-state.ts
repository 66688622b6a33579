import { personOf, type Ref } from '../../accounts/identity.ts';
import { rebuildPerson } from '../../accounts/person.ts';
import type { SignalPlan } from '../../accounts/signal-plan.ts';
import type { AccountState } from '../../accounts/state.ts';
import type { ProductEvent } from '../../events/event.ts';
import type { Arrival } from '../../receive/arrival.ts';
import { translateSegment } from '../../receive/segment/translate.ts';
import { DAY, HOUR, isoInstant } from '../../shared/time.ts';
import type { TestCase, TestEvent } from './schema.ts';

/** The account of every case. */
const ACCOUNT = 'the-account';
/** Who did what nobody is named for. */
const SOMEBODY = 'somebody';

/**
 * What receiving makes of a case: its calls go through the same translation as a sender's, so that names of traits,
 * dates and ids mean here what they mean there. Throws on what receiving would put into quarantine.
 */
export function eventsOf(one: TestCase): ProductEvent[] {
  const acts = one.events.flatMap((event) => occurrences(event, one));
  const first = acts.reduce((earliest, { at }) => Math.min(earliest, at), one.at);
  const said = [
    ...[one.account, one.facts]
      .filter((traits) => Object.keys(traits).length > 0)
      .map((traits) => ({ at: first, call: { type: 'group', groupId: ACCOUNT, traits } })),
    ...Object.entries(one.people).map(([userId, traits]) => ({
      at: first,
      call: { type: 'identify', userId, traits, context: { groupId: ACCOUNT } },
    })),
  ];
  return [...said, ...acts].flatMap(({ at, call }, i) => translated(call, at, i));
}

/** The account as the events up to an instant (ms) make it, by the fold that production uses. */
export function stateAt(plan: SignalPlan, events: readonly ProductEvent[], at: number): AccountState {
  const byPerson = new Map<Ref, ProductEvent[]>();
  for (const event of events.filter((one) => one.at <= at)) {
    const ref = personOf(event, [], () => []) ?? '';
    byPerson.set(ref, [...(byPerson.get(ref) ?? []), event]);
  }
  const parts = [...byPerson].flatMap(([ref, own]) => {
    const record = rebuildPerson(plan, ref, own);
    const part = record.parts.get(ACCOUNT);
    return part === undefined
      ? []
      : [{ person: ref.startsWith('g:') ? null : ref, ...part, traits: record.traits }];
  });
  return { key: ACCOUNT, parts };
}

interface Act {
  at: number;
  call: object;
}

/** One event for each instant, person and time. */
function occurrences(event: TestEvent, { at, people }: TestCase): Act[] {
  const who = [event.by ?? Object.keys(people)[0] ?? SOMEBODY].flat();
  const call = (userId: string) => ({
    ...{ type: 'track', userId, event: event.event, properties: event.properties },
    context: { groupId: ACCOUNT },
  });
  return instantsOf(event, at).flatMap((instant) =>
    who.flatMap((userId) => Array.from({ length: event.times }, () => ({ at: instant, call: call(userId) }))),
  );
}

function instantsOf({ day = 0, days, hours }: TestEvent, at: number): number[] {
  if (hours !== undefined) {
    return [at + Math.round(hours * HOUR)];
  }
  if (days !== undefined) {
    const [from, to] = days;
    return Array.from({ length: to - from + 1 }, (_, i) => at + (from + i) * DAY);
  }
  return typeof day === 'number'
    ? [at + day * DAY]
    : [Date.parse(`${day}${isoInstant(at).slice('2026-03-02'.length)}`)];
}

function translated(call: object, at: number, i: number): ProductEvent[] {
  const arrival: Arrival = {
    ...{ vendor: 'segment', route: 'models.test', direct: false },
    ...{ receivedAt: at, horizonDays: Number.POSITIVE_INFINITY, skew: 0 },
  };
  const messageId = `case-${String(i).padStart(6, '0')}`;
  const entries = translateSegment({ ...call, messageId, timestamp: isoInstant(at) }, arrival, {
    accountPaths: [],
  });
  return entries.map((entry) => {
    if (entry.type === 'quarantine') {
      throw new Error(entry.quarantined.reason);
    }
    return entry.event;
  });
}
