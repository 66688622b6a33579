import { describe, expect, it } from 'vitest';
import { assess, type Occasion, type Previous } from '../../../../src/decide/assess.ts';
import { holdsOn } from '../../../../src/decide/handoff/hold.ts';
import { isHeldOut } from '../../../../src/decide/handoff/holdout.ts';
import { mergeStandings } from '../../../../src/decide/standing.ts';
import type { ProductEvent } from '../../../../src/events/event.ts';
import { sceneOf } from '../../../../src/score/evaluate.ts';
import { DAY, HOUR, isoInstant } from '../../../../src/shared/time.ts';
import { event, group, identify, NOON } from '../../../support/event.ts';
import { shippedMappings, shippedPolicy } from '../../../support/policy.ts';
import { stateOf } from '../../../support/state.ts';

const { champion, handoff } = shippedMappings();
const policy = shippedPolicy();

type Traits = Parameters<typeof group>[1];

const DAY_OF = (daysAgo: number) => new Date(NOON - daysAgo * DAY).toISOString();

describe('who is left alone, as shipped', () => {
  const held = (traits: Traits) =>
    holdsOn(
      handoff.holds,
      sceneOf(champion, stateOf('acct-7', [group('acct-7', traits, { userId: 'u' })]), NOON),
    ).map(({ id }) => id);

  it.each<[string, Traits, string[]]>([
    ['nobody in particular', {}, []],
    ['S4-89: a competitor', { domain_kind: 'competitor' }, ['competitor']],
    ['S4-89: ourselves', { domain_kind: 'own' }, ['competitor']],
    ['S4-90: a private address', { domain_kind: 'free' }, ['private_address']],
    ['S4-90: one that pays is not', { domain_kind: 'free', is_customer: true }, []],
    ['S4-91, S4-164: an open deal', { open_deal: true }, ['open_conversation']],
    ['S4-91, S4-164: a call last week', { last_crm_activity: DAY_OF(7) }, ['open_conversation']],
    ['S4-91: a call three weeks ago is over', { last_crm_activity: DAY_OF(21) }, []],
    ['S4-92, S4-165: cancelled two months ago', { churned_at: DAY_OF(60) }, ['churned']],
    ['S4-165: cancelled four months ago', { churned_at: DAY_OF(120) }, []],
    ['S4-92: who came back is not', { churned_at: DAY_OF(60), is_customer: true }, []],
    ['several at once', { domain_kind: 'free', open_deal: true }, ['private_address', 'open_conversation']],
  ])('%s', (_title, traits, expected) => {
    expect(held(traits)).toEqual(expected);
  });
});

/** An MQL that cancelled two months ago. */
const MQL = (traits: Traits = {}): ProductEvent[] => [
  group('acct-7', { name: 'Initech', employees: 240, industry: 'Software', ...traits }, { userId: 'ann' }),
  identify({ email: 'ann@initech.example' }, { userId: 'ann', at: NOON - 80 * DAY }),
  ...['Limit Breach Attempted', 'Workflow Configured', 'API Integration Created'].map((name) =>
    event({ userId: 'ann', name, at: NOON - HOUR }),
  ),
];

function at(now: number, events: readonly ProductEvent[], previous?: Previous, over: Partial<Occasion> = {}) {
  const occasion = { now, act: true, triggers: [], joined: [], ...over };
  const result = assess(policy, stateOf('acct-7', events), previous, occasion);
  const acts = (result.decision?.acts ?? []).filter(({ kind }) => kind !== 'fields');
  return { ...result, acts };
}

describe('a crossing that is held back', () => {
  const churned = MQL({ churned_at: new Date(NOON - 85 * DAY).toISOString() });
  const first = at(NOON, churned);

  it('makes no task and no membership; the act that is left out and the route say why', () => {
    expect(first.acts.map(({ kind, skip }) => [kind, skip])).toEqual([
      ['task', expect.stringMatching(/^held back: cancelled in the last 90 days \(.+\)$/)],
    ]);
    expect(first.route).toMatchObject({ to: 'SDR', held: ['churned'], sla: null });
    expect(first.route?.reason).toContain('crossed into mql with 85 points; held back: cancelled');
  });

  it('is remembered, and looked at again on the day on which it may end', () => {
    expect(first.standing.waiting).toMatchObject({ tier: 'mql', n: 1, holds: [{ id: 'churned' }] });
    expect(first.standing.handed).toBeUndefined();
    // 90 UTC days, today included: the day of cancelling leaves with the 90th midnight after it.
    expect(first.standing.wakeAt).toBe('2026-03-07T00:00:00.000Z');
  });

  it('is handed over when nothing holds it any more: once, under the number it has', () => {
    const fresh = [...churned, event({ userId: 'ann', name: 'Workflow Configured', at: NOON + 4 * DAY })];
    const before = at(NOON + 4 * DAY, fresh, first);
    const released = at(NOON + 5 * DAY, fresh, before);
    expect(before.acts).toEqual([]);
    expect(before.standing.waiting?.n).toBe(1);
    expect(released.acts.map(({ kind, skip, crossing }) => [kind, skip, crossing])).toEqual([
      ['task', null, 'mql#1'],
      ['campaign', null, 'mql#1'],
    ]);
    expect(released.acts[0]?.key).not.toBe(first.acts[0]?.key);
    expect(released.route?.reason).toContain(
      'held back until now (churned); every MQL goes to the SDR queue',
    );
    expect(released.standing).toMatchObject({ crossings: { mql: 1 }, handed: { tier: 'mql', n: 1 } });
    expect(released.standing.waiting).toBeUndefined();
    expect(at(NOON + 6 * DAY, fresh, released).acts).toEqual([]);
  });

  it('makes the contacts of its members due when it is handed over, and not before (X-8)', () => {
    const members = ({ decision }: ReturnType<typeof at>) =>
      decision?.acts.flatMap((act) => (act.kind === 'fields' ? [act.payload.members] : []));
    const fresh = [...churned, event({ userId: 'ann', name: 'Workflow Configured', at: NOON + 4 * DAY })];
    expect([members(first), members(at(NOON + 5 * DAY, fresh, first))]).toEqual([[0], [1]]);
  });

  it('is over when the account falls below its tier', () => {
    const cooled = at(NOON + 9 * DAY, churned, first);
    expect([cooled.standing.tier, cooled.standing.waiting, cooled.acts]).toEqual(['stage_2', undefined, []]);
  });

  it('goes on waiting over what is no new behaviour, and is handed over at the next score that acts', () => {
    const free = MQL({ churned_at: null });
    const silent = at(NOON + HOUR, free, first, { act: false });
    expect([silent.acts, silent.standing.waiting?.n]).toEqual([[], 1]);
    expect(at(NOON + 2 * HOUR, free, silent).acts.map(({ kind }) => kind)).toEqual(['task', 'campaign']);
  });

  it('is kept when the account turns out to be one with another', () => {
    const other = at(NOON, [group('acct-8', {}, { userId: 'bo' })]).standing;
    const rank = (tier: string) => champion.tiers.findIndex(({ id }) => id === tier);
    expect(mergeStandings(other, first.standing, rank).waiting).toEqual(first.standing.waiting);
    expect(isoInstant(NOON) >= other.since).toBe(true);
  });
});

describe('a holdout', () => {
  const holdout = { share: 0.1, name: '2026-q1' };
  const keys = Array.from({ length: 5000 }, (_, i) => `acct-${i}`);
  const drawn = (name: string) => keys.filter((key) => isHeldOut({ ...holdout, name }, key));

  it('is about its share of the accounts, the same ones whenever it is asked', () => {
    const first = drawn('2026-q1');
    expect(first.length).toBeGreaterThan(400);
    expect(first.length).toBeLessThan(600);
    expect(drawn('2026-q1')).toEqual(first);
    expect(isHeldOut(null, 'acct-7')).toBe(false);
  });

  it('draws others under another name: of two a tenth of a tenth is in both', () => {
    const second = new Set(drawn('2026-q2'));
    const both = drawn('2026-q1').filter((key) => second.has(key));
    expect(both.length).toBeLessThan(100);
  });

  it('is scored, marked and not contacted, with the reason; when it is over the account is handed over', () => {
    const everybody = { ...policy, handoff: { ...policy.handoff, holdout: { share: 1, name: 'all' } } };
    const occasion = { now: NOON, act: true, triggers: [], joined: [] };
    const held = assess(everybody, stateOf('acct-7', MQL()), undefined, occasion);
    expect([held.standing.tier, held.route?.held, held.route?.sla]).toEqual(['mql', ['holdout'], null]);
    expect(held.route?.reason).toContain('of the 100 % that nobody contacts (all)');
    expect(at(NOON + HOUR, MQL(), held).acts.map(({ kind }) => kind)).toEqual(['task', 'campaign']);
  });
});

describe('S4-91: who opted out of e-mail', () => {
  const person = (id: string, traits: Traits = {}) => [
    group('acct-7', {}, { userId: id, at: NOON - 80 * DAY }),
    identify({ email: `${id}@initech.example`, ...traits }, { userId: id, at: NOON - 80 * DAY }),
    event({ userId: id, name: 'Signed In', at: NOON - HOUR / 2 }),
  ];
  const out = identify({ unsubscribed: true }, { userId: 'ann', at: NOON - 70 * DAY });

  it('joins no campaign, and is not the person of the task', () => {
    const { acts } = at(NOON, [...MQL(), ...person('bo', { email_opt_out: 'true' }), ...person('cy')]);
    const about = acts.map(({ kind, person: member, payload }) => [
      kind,
      kind === 'task' ? (payload as { person: string }).person : member,
    ]);
    expect(about).toEqual([
      ['task', 'u:ann'],
      ['campaign', 'u:cy'],
      ['campaign', 'u:ann'],
    ]);
  });

  it('is not written to about what they did themselves: somebody else is', () => {
    const { acts } = at(NOON, [...MQL(), out, ...person('cy')]);
    const [task] = acts.filter(({ kind }) => kind === 'task');
    expect(task?.payload).toMatchObject({
      person: 'u:cy',
      body: expect.stringContaining('cy@initech.example'),
    });
  });

  it.each<[string, ProductEvent[], string[] | undefined]>([
    ['everybody did: the account is held', [out], ['unsubscribed']],
    ['somebody did not say so: it is not', [out, ...person('bo')], undefined],
    [
      'somebody said that they did not: it is not',
      [out, ...person('bo', { unsubscribed: false })],
      undefined,
    ],
    ['a second one did too: it is', [out, ...person('bo', { HasOptedOutOfEmail: true })], ['unsubscribed']],
  ])('%s', (_title, more, expected) => {
    expect(at(NOON, [...MQL(), ...more]).route?.held).toEqual(expected);
  });

  it('subscribes again: the account is handed over', () => {
    const held = at(NOON, [...MQL(), out]);
    const again = identify({ unsubscribed: false }, { userId: 'ann', at: NOON });
    expect(at(NOON + HOUR, [...MQL(), out, again], held).acts.map(({ kind }) => kind)).toEqual([
      'task',
      'campaign',
    ]);
  });
});
