import { describe, expect, it } from 'vitest';
import { type Assessment, assess, type Occasion, type Previous } from '../../../src/decide/assess.ts';
import type { Policy } from '../../../src/decide/decide.ts';
import { mergeStandings, type Standing, type TouchPlan } from '../../../src/decide/standing.ts';
import type { ProductEvent } from '../../../src/events/event.ts';
import { DAY, HOUR, isoInstant } from '../../../src/shared/time.ts';
import { event, group, identify, NOON } from '../../support/event.ts';
import { shippedPolicy } from '../../support/policy.ts';
import { stateOf } from '../../support/state.ts';

const policy = shippedPolicy();

const at = (days: number, hours = 0) => NOON + days * DAY + hours * HOUR;
const did = (name: string, days: number) => event({ userId: 'ann', name, at: at(days) - HOUR });
const told = (traits: Parameters<typeof group>[1], days: number) =>
  group('acct-7', traits, { userId: 'ann', at: at(days) - HOUR });

/** An MQL on day 0 that goes on using the product. */
const MQL: ProductEvent[] = [
  group('acct-7', { name: 'Initech', employees: 240, industry: 'Software' }, { userId: 'ann', at: at(-9) }),
  identify({ email: 'ann@initech.example', name: 'Ann Lee' }, { userId: 'ann', at: at(-9) }),
  ...['Limit Breach Attempted', 'Workflow Configured', 'API Integration Created'].map((name) => did(name, 0)),
  ...[3, 9, 12].map((days) => did('Workflow Configured', days)),
];

interface Look extends Partial<Occasion> {
  /** Days after the crossing. */
  day: number;
  more?: ProductEvent[];
}

type Looked = Assessment & Previous;

/** One look after the other, with what each of them made: `task second`, `note …`. */
function lookedAt(looks: readonly Look[], by: Policy = policy, from?: Previous) {
  let last: Looked | undefined = from as Looked | undefined;
  const made: string[] = [];
  const keys: string[] = [];
  const seen: ProductEvent[] = [...MQL];
  for (const { day, more = [], ...over } of looks) {
    seen.push(...more);
    const occasion = { now: at(day), act: true, triggers: [], joined: [], ...over };
    last = assess(by, stateOf('acct-7', seen), last, occasion);
    for (const act of last.decision?.acts ?? []) {
      if (act.kind === 'task' && act.skip === null) {
        made.push(`day ${day}: ${act.key.split('"').at(-2)}`);
        keys.push(act.key);
      } else if (act.kind === 'note' || act.kind === 'close') {
        made.push(`day ${day}: ${act.kind} ${act.payload.line.replace(/^\S+ /, '')}`);
      }
    }
  }
  return { made, keys, last: last as Looked, plan: last?.standing.plan };
}

const days = (...all: number[]): Look[] => all.map((day) => ({ day }));
const FIRST = 'day 0: first';

describe('S4-103 … S4-106, S4-167, X-40: touches on days 0, 3 and 10, each from the one before', () => {
  it('as shipped, and no more after the third', () => {
    const { made, plan } = lookedAt(days(0, 1, 2.99, 3, 5, 9.99, 10, 12));
    expect(made).toEqual([FIRST, 'day 3: second', 'day 10: third']);
    expect(plan).toMatchObject({ touch: 3, touchedAt: isoInstant(at(10)) });
    expect(plan?.next).toBeUndefined();
  });

  it('the standing says when the next one is, and wakes for it', () => {
    const { standing } = lookedAt(days(0)).last;
    expect(standing.plan).toEqual({
      tier: 'mql',
      n: 1,
      since: isoInstant(NOON),
      touch: 1,
      touchedAt: isoInstant(NOON),
      signal: 'limit_breach_attempt',
      next: isoInstant(at(3)),
    });
    expect(standing.wakeAt).toBe(isoInstant(at(3)));
  });

  it('one that is made late moves the next', () => {
    expect(lookedAt(days(0, 5, 10, 11.9, 12)).made).toEqual([FIRST, 'day 5: second', 'day 12: third']);
  });

  it('one that is late by more than a week is not made any more', () => {
    const { made, plan } = lookedAt(days(0, 10.5, 11));
    expect(made).toEqual([
      FIRST,
      expect.stringContaining('day 10.5: note no further touches: the touch of 2026-03-05 was missed'),
    ]);
    expect(plan?.stopped?.at).toBe(isoInstant(at(10.5)));
  });

  it('each is a task of its own with a deadline of its own, for whoever has the route', () => {
    const crossed = lookedAt(days(0)).last;
    const second = assess(policy, stateOf('acct-7', MQL), crossed, {
      now: at(3),
      act: true,
      triggers: [],
      joined: [],
    });
    const [task] = second.decision?.acts.filter(({ kind }) => kind === 'task') ?? [];
    expect(task).toMatchObject({
      key: 't:["acct-7","mql-rubric","mql",1,"second"]',
      reason: 'second of 3 touches: no reply since 2026-03-02',
      payload: { dueAt: at(4), noteIfOpen: null, subject: expect.stringContaining('second letter') },
    });
    expect(second.route).toEqual(crossed.route);
    expect(second.decision?.acts.filter(({ kind }) => kind === 'campaign')).toEqual([]);
  });

  it('other days, when handoff.yaml says so', () => {
    const touches = [
      { after: 0, template: null },
      { after: 1, template: 'second' },
    ];
    const by = { ...policy, handoff: { ...policy.handoff, touches } };
    expect(lookedAt(days(0, 1, 3, 10), by).made).toEqual([FIRST, 'day 1: second']);
  });

  it('one touch is all, when it lists one', () => {
    const by = { ...policy, handoff: { ...policy.handoff, touches: policy.handoff.touches.slice(0, 1) } };
    const { made, plan, last } = lookedAt(days(0, 3, 10), by);
    expect([made, plan, last.standing.wakeAt]).toEqual([[FIRST], undefined, undefined]);
  });

  it('an account that was handed over before there were several gets no more', () => {
    const { plan: _, wakeAt: __, ...standing } = lookedAt(days(0)).last.standing;
    const before = { ...lookedAt(days(0)).last, standing };
    expect(lookedAt(days(3, 10), policy, before).made).toEqual([]);
  });

  it('nobody’s work has no touches', () => {
    const blocked = told({ sales_blocker: 'no_budget' }, -1);
    const { made, plan } = lookedAt([{ day: 0, more: [blocked] }, ...days(3, 10)]);
    expect([made, plan]).toEqual([[], undefined]);
  });
});

const replied = (days_: number, touched: number | null = null) => ({
  heard: { replied: at(days_), touched },
});
const bought = did('Subscription Started', 2);

describe('the plan stops, for good, and says why', () => {
  const stops: [string, Look[], string[], string][] = [
    [
      'a reply',
      [{ day: 2, ...replied(1.5) }],
      ['day 2: note no further touches: they replied on 2026-03-04.'],
      'they replied on 2026-03-04',
    ],
    [
      'a reply that a CRM tells after the second touch was due',
      [{ day: 3, ...replied(2) }],
      ['day 3: note no further touches: they replied on 2026-03-04.'],
      'they replied',
    ],
    [
      'a purchase',
      [{ day: 2, more: [bought] }],
      ['day 2: close the account became a customer. Closed automatically.'],
      'they became a customer',
    ],
    [
      'an open deal',
      [{ day: 2, more: [told({ open_deal: true }, 2)] }],
      ['day 2: note no further touches: sales is in a conversation with them (open_deal is true).'],
      'sales is in a conversation',
    ],
    [
      'a suppression by hand',
      [{ day: 2, suppressed: [{ id: 'manual', why: 'asked not to be written to', until: null }] }],
      ['day 2: close not to be contacted any more (asked not to be written to). Closed automatically.'],
      'not to be contacted any more',
    ],
    [
      'a company that cancelled',
      [{ day: 2, more: [told({ churned_at: isoInstant(at(1)) }, 2)] }],
      [expect.stringContaining('day 2: note no further touches: cancelled in the last 90 days')],
      'cancelled',
    ],
  ];

  it.each(stops)('%s', (_title, looks, expected, why) => {
    const { made, plan, last } = lookedAt([{ day: 0 }, ...looks, ...days(4, 10, 12)]);
    expect(made).toEqual([FIRST, ...expected]);
    expect(plan?.stopped?.why).toContain(why);
    expect([plan?.next, last.standing.wakeAt]).toEqual([undefined, undefined]);
  });

  it('cooling below the tier', () => {
    const lost = told({ employees: 4, industry: 'Farming' }, 2);
    const { made, plan } = lookedAt([{ day: 0 }, { day: 2, more: [lost] }, ...days(3, 10)]);
    expect(made).toEqual([FIRST, expect.stringMatching(/^day 2: note cooled to \w+ with \d+ points\.$/)]);
    expect(plan?.stopped?.why).toMatch(/^cooled to stage_2 with \d+ points$/);
  });

  it('a hold that began and ended between two touches: what ran is over', () => {
    const looks = [
      { day: 1, more: [told({ open_deal: true }, 1)] },
      { day: 2, more: [told({ open_deal: false }, 2)] },
    ];
    expect(lookedAt([{ day: 0 }, ...looks, ...days(3, 10)]).made).toEqual([
      FIRST,
      expect.stringContaining('day 1: note'),
    ]);
  });

  it('a reply from before the crossing is none to it', () => {
    expect(
      lookedAt([
        { day: 0, ...replied(-1) },
        { day: 3, ...replied(-1) },
      ]).made,
    ).toEqual([FIRST, 'day 3: second']);
  });

  it('what a CRM tells of our own letter holds nothing', () => {
    const ours = told({ last_crm_activity: isoInstant(at(0.2)) }, 1);
    const date = told({ last_crm_activity: '2026-03-02' }, 1);
    for (const activity of [ours, date]) {
      expect(lookedAt([{ day: 0 }, { day: 1, more: [activity] }, ...days(3, 10)]).made).toEqual([
        FIRST,
        'day 3: second',
        'day 10: third',
      ]);
    }
  });

  it('after the last touch nothing is said of a reply', () => {
    expect(lookedAt([...days(0, 3, 10), { day: 11, ...replied(10.5) }]).made).toEqual([
      FIRST,
      'day 3: second',
      'day 10: third',
    ]);
  });
});

describe('where somebody of ours was in touch later than the task said', () => {
  it.each([
    ['the same day', 0.4, 3],
    ['a day and a half later', 1.5, 4],
    ['two days later', 2.1, 5],
  ])('%s', (_title, touched, second) => {
    const heard = { heard: { touched: at(touched), replied: null } };
    const looks = [2.5, 3, 4, 5].map((day) => ({ day, ...heard }));
    expect(lookedAt([{ day: 0 }, ...looks]).made).toEqual([FIRST, `day ${second}: second`]);
  });
});

describe('I6: never a second task of the same touch', () => {
  it('a publication, a merge or a re-fold makes no touch and ends none; the next look that acts does', () => {
    const { made, plan } = lookedAt([
      { day: 0 },
      { day: 3, act: false, ...replied(1) },
      { day: 3.1 },
      { day: 10.1 },
    ]);
    expect(made).toEqual([FIRST, 'day 3.1: second', 'day 10.1: third']);
    expect(plan?.stopped).toBeUndefined();
    const due = lookedAt([{ day: 0 }, { day: 3, act: false }]).last.standing;
    expect(due.wakeAt).toBe(isoInstant(at(3)));
  });

  it('whoever decides on the same standing makes the same acts', () => {
    const crossed = lookedAt(days(0)).last;
    const [a, b] = [lookedAt(days(3), policy, crossed), lookedAt(days(3), policy, crossed)];
    expect(a.keys).toEqual(b.keys);
    expect(a.last.decision?.acts).toEqual(b.last.decision?.acts);
  });

  it('a clock that goes back makes none again', () => {
    expect(lookedAt(days(0, 3, 2, 3, 9, 10, 4, 10)).made).toEqual([FIRST, 'day 3: second', 'day 10: third']);
  });

  it('no key comes twice, whenever it is looked at', () => {
    for (let seed = 1; seed <= 40; seed++) {
      const looks = Array.from({ length: 30 }, (_, i) => ({
        day: ((i * 7919 * seed) % 997) / 70,
        act: (i * seed) % 5 !== 0,
      }));
      const { keys } = lookedAt([{ day: 0 }, ...looks]);
      expect(keys).toEqual([...new Set(keys)]);
    }
  });

  it('a newer crossing begins a new plan, under a number of its own', () => {
    const again = [
      did('Limit Breach Attempted', 40),
      did('Workflow Configured', 40),
      did('API Integration Created', 40),
    ];
    const cold = [{ day: 0 }, { day: 3 }, { day: 10 }, { day: 35 }];
    const { keys, plan } = lookedAt([...cold, { day: 40, more: again }, { day: 43 }]);
    expect(keys.map((key) => key.split(',').slice(-2).join())).toEqual([
      '1,"first"]',
      '1,"second"]',
      '1,"third"]',
      '2,"first"]',
      '2,"second"]',
    ]);
    expect(plan).toMatchObject({ n: 2, touch: 2, since: isoInstant(at(40)) });
  });

  it('a newer crossing that is held back ends the plan of the one before', () => {
    const low = { ...policy, model: { ...policy.model, tiers: withUpper(policy.model.tiers) } };
    const more = [told({ open_deal: true }, 2), did('Signed In', 2), ...invites(2)];
    const { made, plan } = lookedAt([{ day: 0 }, { day: 2, more }, ...days(3, 10)], low);
    expect(made).toEqual([FIRST]);
    expect(plan?.stopped?.why).toBe('crossed again');
  });
});

/** A second acting tier, above MQL. */
function withUpper(tiers: Policy['model']['tiers']): Policy['model']['tiers'] {
  const [mql] = tiers.filter(({ id }) => id === 'mql');
  return mql === undefined ? tiers : [...tiers, { ...mql, id: 'burning', from: 90 }];
}

function invites(day: number): ProductEvent[] {
  return ['b', 'c', 'd', 'e'].map((name) => ({
    ...did('Invite Sent', day),
    properties: { invitee_email: `${name}@initech.example` },
  }));
}

describe('accounts that merge are written to once', () => {
  const plan = (since: string, touch: number): TouchPlan => ({
    tier: 'mql',
    n: 1,
    since,
    touch,
    touchedAt: since,
    signal: null,
  });
  const standing = (one?: TouchPlan): Standing => ({
    tier: 'mql',
    since: '2026-03-01T00:00:00.000Z',
    crossings: { mql: 1 },
    crossedAt: {},
    ...(one === undefined ? {} : { plan: one }),
  });
  const early = plan('2026-03-01T00:00:00.000Z', 2);
  const late = plan('2026-03-02T00:00:00.000Z', 1);

  it.each<[string, TouchPlan | undefined, TouchPlan | undefined, TouchPlan | undefined]>([
    ['the later crossing goes on', early, late, late],
    ['of one instant the one that has come further', plan(early.since, 1), early, early],
    ['one without a plan takes that of the other', undefined, early, early],
    ['none has one', undefined, undefined, undefined],
  ])('%s', (_title, a, b, expected) => {
    expect(mergeStandings(standing(a), standing(b), () => 1).plan).toEqual(expected);
    expect(mergeStandings(standing(b), standing(a), () => 1).plan).toEqual(expected);
  });
});
