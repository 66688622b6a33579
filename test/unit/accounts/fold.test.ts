import { describe, expect, it } from 'vitest';
import { emptyPart, mergeParts } from '../../../src/accounts/fold.ts';
import { HORIZON_DAYS } from '../../../src/accounts/signal-plan.ts';
import { FIRST_DAYS_MAX, MEMBERS_MAX, RECENT_DEFAULT } from '../../../src/accounts/state.ts';
import { stableJson } from '../../../src/shared/stable-json.ts';
import { DAY, HOUR, utcDay } from '../../../src/shared/time.ts';
import { event, group, identify, NOON } from '../../support/event.ts';
import { occurrences, partOf, tallyIn } from '../../support/tally.ts';

const TODAY = utcDay(NOON);

describe('one signal of one person', () => {
  it('counts by UTC day, with the first and last instant', () => {
    const part = partOf(occurrences('Report Shared', [NOON, NOON - DAY, NOON + HOUR]));
    expect(tallyIn(part, 'shared_asset')).toEqual({
      count: 3,
      first: NOON - DAY,
      last: NOON + HOUR,
      days: [TODAY - 1, 1, TODAY, 2],
      recent: [NOON + HOUR, NOON, NOON - DAY],
    });
  });

  it('parts days at midnight UTC, to the millisecond', () => {
    const midnight = (TODAY + 1) * DAY;
    const part = partOf(occurrences('Report Shared', [midnight - 1, midnight]));
    expect(tallyIn(part, 'shared_asset').days).toEqual([TODAY, 1, TODAY + 1, 1]);
  });

  it(`keeps the newest ${RECENT_DEFAULT} instants, whatever came first`, () => {
    const instants = Array.from({ length: 12 }, (_, i) => NOON + ((i * 5) % 12) * HOUR);
    const newest = [11, 10, 9, 8, 7, 6, 5, 4].map((hours) => NOON + hours * HOUR);
    expect(tallyIn(partOf(occurrences('Report Shared', instants)), 'shared_asset').recent).toEqual(newest);
  });

  it(`keeps ${HORIZON_DAYS} days back from the newest, ${FIRST_DAYS_MAX} from the first, and the count of all`, () => {
    const start = NOON - 1000 * DAY;
    const first = [start, start + (FIRST_DAYS_MAX - 1) * DAY];
    const last = [NOON - (HORIZON_DAYS - 1) * DAY, NOON];
    const between = [start + FIRST_DAYS_MAX * DAY, NOON - HORIZON_DAYS * DAY];
    const instants = [...first, ...between, ...last];
    for (const order of [instants, instants.toReversed(), [...last, ...between, ...first]]) {
      const tally = tallyIn(partOf(occurrences('Report Shared', order)), 'shared_asset');
      expect(tally.days.filter((_, i) => i % 2 === 0)).toEqual([...first, ...last].map(utcDay));
      expect([tally.count, tally.first]).toEqual([6, start]);
    }
  });

  it('remembers when each distinct value was first and last seen', () => {
    const invite = (at: number, invitee_email: string) =>
      event({ name: 'Invite Sent', at, properties: { invitee_email } });
    const part = partOf([
      invite(NOON, 'bob@x.example'),
      invite(NOON - 5, ' BOB@x.example'),
      invite(NOON, 'cy'),
    ]);
    expect(tallyIn(part, 'seats_invited').members).toEqual({
      'bob@x.example': [NOON - 5, NOON],
      cy: [NOON, NOON],
    });
  });

  it.each(['__proto__', 'constructor', 'toString'])('takes %j for a value like any other', (value) => {
    const invites = occurrences('Invite Sent', [NOON, NOON + 1], { invitee_email: value });
    const [first, second] = invites.map((one) => partOf([one]));
    const merged = mergeParts(first ?? emptyPart(), second ?? emptyPart());
    expect(Object.entries(tallyIn(merged, 'seats_invited').members ?? {})).toEqual([
      [value.toLowerCase(), [NOON, NOON + 1]],
    ]);
    expect(stableJson(merged)).toBe(stableJson(partOf(invites)));
    expect({}).not.toHaveProperty('0');
  });

  it('adds sums in millionths, and stops at the largest exact integer instead of rounding', () => {
    const calls = (count: number | string) => event({ name: 'API Calls Made', properties: { count } });
    expect(tallyIn(partOf([calls(0.1), calls('0.2')]), 'api_calls').count).toBe(300_000);
    const huge = tallyIn(partOf([calls(9e15), calls(1), calls(9e15)]), 'api_calls');
    expect([huge.count, huge.days]).toEqual([Number.MAX_SAFE_INTEGER, [TODAY, Number.MAX_SAFE_INTEGER]]);
  });

  it('an event that gives no signal leaves only when it was seen', () => {
    const part = partOf([identify({}, { at: NOON + 2 }), group('acct-7', {}, { at: NOON - 2 })]);
    expect(part).toEqual({ ...emptyPart(), firstSeen: NOON - 2, lastSeen: NOON + 2 });
  });
});

describe('mergeParts', () => {
  it('changes neither of its arguments', () => {
    const one = partOf([
      ...occurrences('Invite Sent', [NOON], { invitee_email: 'a' }),
      identify({ title: 'CTO' }),
    ]);
    const other = partOf([
      ...occurrences('Invite Sent', [NOON + DAY], { invitee_email: 'b' }),
      identify({ title: 'CEO' }, { at: NOON + DAY }),
    ]);
    const before = [stableJson(one), stableJson(other)];
    const merged = mergeParts(one, other);
    for (const tally of Object.values(merged.signals)) {
      tally.recent.length = 0;
      tally.days.length = 0;
      tally.members = {};
    }
    expect([stableJson(one), stableJson(other)]).toEqual(before);
  });

  it('nothing is neutral', () => {
    const part = partOf([...occurrences('Report Shared', [NOON]), identify({ title: 'CTO' })]);
    expect(mergeParts(part, emptyPart())).toEqual(part);
    expect(mergeParts(emptyPart(), part)).toEqual(part);
  });

  it('tells an exact thousand of distinct values from a sample of more', () => {
    const invites = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, i) =>
        event({ name: 'Invite Sent', properties: { invitee_email: `p${from + i}` } }),
      );
    const exact = mergeParts(partOf(invites(0, 600)), partOf(invites(400, MEMBERS_MAX)));
    expect(tallyIn(exact, 'seats_invited')).not.toHaveProperty('membersCut');
    const sampled = mergeParts(exact, partOf(invites(MEMBERS_MAX, MEMBERS_MAX + 1)));
    expect(tallyIn(sampled, 'seats_invited').membersCut).toBeGreaterThan(0.99);
    expect(Object.keys(tallyIn(sampled, 'seats_invited').members ?? {})).toHaveLength(MEMBERS_MAX);
  });
});
