import { describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../../src/shared/time.ts';
import type { Activity } from '../../../src/sync/activities.ts';
import { echoesIn, pauseOf, type Touch, touchesOf, wakeOf } from '../../../src/sync/activity-rules.ts';

const NOON = Date.UTC(2026, 10, 24, 12);

function activity(over: Partial<Activity> = {}): Activity {
  return {
    id: 'a',
    kind: 'call',
    side: 'ours',
    at: NOON - HOUR,
    until: null,
    loggedAt: NOON - HOUR,
    state: 'done',
    automatic: false,
    owner: '101',
    account: '1',
    person: null,
    deleted: false,
    ...over,
  };
}

const shown = (touches: readonly Touch[]) =>
  touches.map(({ id, side, at }) => `${id} ${side} ${(at - NOON) / HOUR}h`);

const meeting = (over: Partial<Activity>) =>
  activity({ kind: 'meeting', state: 'planned', loggedAt: NOON - 3 * HOUR, ...over });

describe('what counts as a first touch and what as a reply', () => {
  it.each<[string, Activity, string[]]>([
    ['a call of ours', activity(), ['a ours -1h']],
    ['a call of the buyer is a reply', activity({ side: 'theirs' }), ['a theirs -1h']],
    ['a call between colleagues is nothing', activity({ side: null }), []],
    ['a mail of ours', activity({ kind: 'email' }), ['a ours -1h']],
    ['a mail that came in', activity({ kind: 'email', side: 'theirs' }), ['a theirs -1h']],
    ['a mail that was forwarded into the CRM may be anybody’s', activity({ kind: 'email', side: null }), []],
    [
      'a mail of a sequence or a workflow is nobody’s touch',
      activity({ kind: 'email', automatic: true }),
      [],
    ],
    ['a draft, or what failed, never was', activity({ kind: 'email', state: 'void' }), []],
    ['what is deleted counts no more', activity({ deleted: true }), []],
    ['a call that lies ahead has not been made', activity({ at: NOON + HOUR }), []],
    ['our task, completed', activity({ kind: 'task', ours: true }), ['a ours -1h']],
    ['our task, open', activity({ kind: 'task', ours: true, state: 'void' }), []],
    ['a task of their own is no contact', activity({ kind: 'task' }), []],
    [
      'a meeting ahead that one of ours booked: the booking is both, the meeting is neither yet',
      meeting({ at: NOON + DAY }),
      ['a ours -3h', 'a#booked theirs -3h'],
    ],
    [
      'a meeting ahead that the buyer booked: a reply, no touch',
      meeting({ side: 'theirs', at: NOON + DAY }),
      ['a#booked theirs -3h'],
    ],
    [
      'the same when it is over: it was held',
      meeting({ side: 'theirs', at: NOON - 2 * HOUR, until: NOON - HOUR }),
      ['a ours -2h', 'a#booked theirs -3h'],
    ],
    [
      'and while it lasts: not yet',
      meeting({ side: 'theirs', at: NOON - HOUR, until: NOON + HOUR }),
      ['a#booked theirs -3h'],
    ],
    [
      'nobody came: booked it was all the same',
      meeting({ side: 'theirs', at: NOON - 2 * HOUR, state: 'missed' }),
      ['a#booked theirs -3h'],
    ],
    ['a cancelled meeting is nothing', meeting({ at: NOON - 2 * HOUR, state: 'void' }), []],
    [
      'a meeting that was put in afterwards happened when it happened',
      meeting({ at: NOON - 5 * HOUR, state: 'done' }),
      ['a ours -5h', 'a#booked theirs -5h'],
    ],
  ])('%s', (_, one, expected) => {
    expect(shown(touchesOf(one, NOON))).toEqual(expected);
  });

  it('a task that we closed ourselves is no touch, one that a rep had closed before is', () => {
    const closings = [{ from: NOON - 30 * MINUTE, to: NOON }];
    const closedAt = (at: number) => touchesOf(activity({ kind: 'task', ours: true, at }), NOON, closings);
    expect(closedAt(NOON - 10 * MINUTE)).toEqual([]);
    expect(closedAt(NOON - HOUR)).toHaveLength(1);
  });
});

describe('answers that a machine gave', () => {
  const mail = (id: string, side: Touch['side'], at: number): Touch => ({
    id,
    kind: 'email',
    side,
    at,
    owner: null,
  });

  it('within two minutes of a mail of ours are none; later ones, and those to a call, are', () => {
    const sent = mail('sent', 'ours', NOON);
    const answers = [0, 1, 2, 3].map((minutes) => mail(`${minutes}`, 'theirs', NOON + minutes * MINUTE));
    expect(echoesIn([...answers, sent])).toEqual(['0', '1', '2']);
    expect(echoesIn([{ ...sent, kind: 'call' }, ...answers])).toEqual([]);
    expect(echoesIn([sent, mail('before', 'theirs', NOON - MINUTE)])).toEqual([]);
  });
});

describe('when an account is looked at again', () => {
  it.each([
    ['in its first two hours every five minutes', { crossedAt: NOON - HOUR, newest: null }, 5 * MINUTE],
    ['then as often as the file says', { crossedAt: NOON - 3 * HOUR, newest: null }, 15 * MINUTE],
    ['hourly when nothing has happened for a day', { crossedAt: NOON - 3 * DAY, newest: null }, HOUR],
    ['as before while something happens', { crossedAt: NOON - 3 * DAY, newest: NOON - HOUR }, 15 * MINUTE],
  ])('%s', (_, watch, expected) => {
    expect(pauseOf(watch, 15 * MINUTE, NOON)).toBe(expected);
  });

  it('one with a meeting ahead when that is over', () => {
    expect(wakeOf(meeting({ at: NOON + HOUR, until: NOON + 2 * HOUR }), NOON)).toBe(NOON + 2 * HOUR);
    expect(wakeOf(meeting({ at: NOON + HOUR }), NOON)).toBe(NOON + HOUR);
    expect(wakeOf(meeting({ at: NOON + HOUR, state: 'void' }), NOON)).toBeNull();
    expect(wakeOf(meeting({ at: NOON - HOUR }), NOON)).toBeNull();
  });
});
