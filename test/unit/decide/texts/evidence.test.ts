import { describe, expect, it } from 'vitest';
import { people } from '../../../../src/accounts/views.ts';
import { evidenceOf, timesOf } from '../../../../src/decide/texts/evidence.ts';
import type { ProductEvent } from '../../../../src/events/event.ts';
import { DAY, HOUR, isoDate } from '../../../../src/shared/time.ts';
import { event, group, identify, NOON } from '../../../support/event.ts';
import { shippedSignals } from '../../../support/shipped.ts';
import { stateOf } from '../../../support/state.ts';

const { signals } = shippedSignals();

function found(signal: string, events: readonly ProductEvent[], names = {}) {
  const joined = ['ann', 'bob'].flatMap((userId) => [
    group('acct-7', {}, { userId, at: NOON - 90 * DAY }),
    identify({ name: userId }, { userId, at: NOON - 90 * DAY }),
  ]);
  const state = stateOf('acct-7', [...joined, ...events]);
  const evidence = evidenceOf(signal, { signals, names, state, people: people(state), now: NOON });
  return evidence === null
    ? null
    : {
        ...evidence,
        first: isoDate(evidence.first),
        last: isoDate(evidence.last),
        by: evidence.by?.id ?? null,
      };
}

const hit = (userId: string, daysAgo: number, limit?: string) =>
  event({
    userId,
    name: 'Limit Breach Attempted',
    at: NOON - daysAgo * DAY - HOUR,
    properties: limit === undefined ? {} : { limit },
  });
const invite = (userId: string, invitee: string, daysAgo = 0) =>
  event({
    userId,
    name: 'Invite Sent',
    at: NOON - daysAgo * DAY - HOUR,
    properties: { invitee_email: invitee },
  });

describe('S2-126, S4-101: what texts say of a signal is measured over the last 30 days', () => {
  it('how often, how many people, first, last, and who did it last', () => {
    expect(
      found('limit_breach_attempt', [hit('ann', 9), hit('bob', 4), hit('ann', 2), hit('bob', 40)]),
    ).toEqual({
      signal: 'limit_breach_attempt',
      name: 'limit breach attempt',
      words: 'tried to go past a plan limit 3 times',
      times: '3 times',
      count: 3,
      people: 2,
      thing: null,
      last_thing: null,
      first: '2026-02-21',
      last: '2026-02-28',
      by: 'ann',
    });
  });

  it('of one person', () => {
    expect(found('limit_breach_attempt', [hit('bob', 1)])).toMatchObject({
      count: 1,
      people: 1,
      by: 'bob',
      times: 'once',
    });
  });

  it('of distinct values how many, whoever and however often', () => {
    const invited = [
      invite('ann', 'x@y.example'),
      invite('bob', 'x@y.example'),
      invite('bob', 'z@y.example', 3),
    ];
    expect(found('seats_invited', invited)).toMatchObject({
      count: 2,
      words: 'invited 2 teammates',
      people: 2,
      by: 'ann',
    });
    expect(found('seats_invited', invited.slice(0, 1))?.words).toBe('invited 1 teammate');
  });

  it('events that name no person are of nobody', () => {
    const anonymous = { ...hit('ann', 1), userId: null, accountId: 'acct-7' };
    expect(found('limit_breach_attempt', [anonymous])).toMatchObject({ count: 1, people: 0, by: null });
  });

  it('a derived signal is of who began it', () => {
    const began = event({ userId: 'bob', name: 'Checkout Started', at: NOON - 30 * HOUR });
    expect(found('checkout_abandoned', [began])).toMatchObject({
      by: 'bob',
      words: 'left a checkout unfinished',
    });
  });

  it.each(['usage_trend', 'setup_steps', 'no_such_signal'])('%s is nothing that anybody does', (signal) => {
    expect(found(signal, [hit('ann', 1)])).toBeNull();
  });

  it('nothing in the last 30 days: nothing to say', () => {
    expect(found('limit_breach_attempt', [hit('ann', 30)])).toBeNull();
  });
});

describe('which limit or feature it was', () => {
  const things = (events: readonly ProductEvent[], names = {}) => {
    const evidence = found('limit_breach_attempt', events, names);
    return [evidence?.thing, evidence?.last_thing];
  };

  it('is the value of the newest, and of all when there is no other', () => {
    expect(things([hit('ann', 3, 'Seats'), hit('bob', 2, 'seats ')])).toEqual(['seats', 'seats']);
    expect(things([hit('ann', 3, 'Seats'), hit('ann', 2, 'API_calls')])).toEqual([null, 'api calls']);
  });

  it('has better words, where handoff.yaml says them', () => {
    expect(things([hit('ann', 2, 'API_calls')], { api_calls: 'API call' })).toEqual(['API call', 'API call']);
  });

  it('is not known when the newest says nothing, whatever one before said', () => {
    expect(things([hit('ann', 3, 'seats'), hit('ann', 2)])).toEqual([null, null]);
  });
});

describe('every signal that may set a crossing off has words', () => {
  it('as shipped', () => {
    const without = [...signals.values()].filter(
      ({ trigger, buying, label }) => (trigger || buying) && label === undefined,
    );
    expect(without.map(({ id }) => id)).toEqual([]);
  });

  it.each([
    [1, 'once'],
    [2, 'twice'],
    [3, '3 times'],
  ])('%d is %s', (count, words) => {
    expect(timesOf(count)).toBe(words);
  });
});
