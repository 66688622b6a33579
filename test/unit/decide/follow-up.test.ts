import { describe, expect, it } from 'vitest';
import { type Assessment, assess, type Occasion, type Previous } from '../../../src/decide/assess.ts';
import type { Policy } from '../../../src/decide/decide.ts';
import { mergeStandings, type Standing } from '../../../src/decide/standing.ts';
import type { ProductEvent } from '../../../src/events/event.ts';
import type { Gate } from '../../../src/score/model.ts';
import { DAY, HOUR } from '../../../src/shared/time.ts';
import { event, group, NOON } from '../../support/event.ts';
import { shippedPolicy } from '../../support/policy.ts';
import { stateOf } from '../../support/state.ts';

const shipped = shippedPolicy();

/** Refuses competitors, as the presets do. */
const NO_COMPETITOR: Gate = {
  id: 'no_competitor',
  kind: 'suppression',
  why: 'no competitor',
  passesUnknown: true,
  zero: false,
  flag: null,
  test: {
    kind: 'condition',
    condition: {
      kind: 'not',
      of: {
        kind: 'atom',
        subject: { kind: 'trait', trait: 'competitor' },
        test: { kind: 'one_of', values: [true] },
        bracket: () => 0,
      },
    },
  },
};

const policy: Policy = {
  ...shipped,
  model: { ...shipped.model, gates: [...shipped.model.gates, NO_COMPETITOR] },
};

function withPlay(over: object): Policy {
  return {
    ...policy,
    handoff: { ...policy.handoff, plays: policy.handoff.plays.map((play) => ({ ...play, ...over })) },
  };
}

const MQL = [
  group('acct-7', { name: 'Initech', employees: 240, industry: 'Software' }, { userId: 'bot' }),
  ...['Limit Breach Attempted', 'Workflow Configured', 'API Integration Created'].map((name) =>
    event({ userId: 'bot', name, at: NOON - HOUR }),
  ),
];
const BOUGHT = event({ userId: 'bot', name: 'Subscription Started', at: NOON + HOUR });
const COMPETITOR = group('acct-7', { competitor: true }, { userId: 'bot', at: NOON + HOUR });

function look(
  events: readonly ProductEvent[],
  previous: Previous | undefined,
  over: Partial<Occasion> = {},
  by: Policy = policy,
): Assessment & Previous {
  const occasion = { now: NOON, act: true, triggers: [], joined: [], ...over };
  return assess(by, stateOf('acct-7', events), previous, occasion);
}

function acts({ decision }: Assessment) {
  return (decision?.acts ?? []).flatMap((act) =>
    act.kind === 'note' || act.kind === 'close'
      ? [{ kind: act.kind, key: act.key, line: act.payload.line }]
      : [],
  );
}

const crossed = look(MQL, undefined);
const LATER = { now: NOON + 2 * HOUR };

describe('what happens to the task of an account that was handed over (decision 14)', () => {
  it('nothing, while nothing changes', () => {
    expect(crossed.standing.handed).toEqual({
      tier: 'mql',
      n: 1,
      customer: false,
      suppressed: [],
      cooled: 0,
    });
    expect(acts(look(MQL, crossed, LATER))).toEqual([]);
    expect(look(MQL, crossed, LATER).decision).toMatchObject({ clock: null, ended: null });
  });

  it('a purchase closes it, once', () => {
    const bought = look([...MQL, BOUGHT], crossed, LATER);
    expect(acts(bought)).toMatchObject([
      { kind: 'close', line: expect.stringContaining('became a customer') },
    ]);
    expect(bought.standing.handed).toBeUndefined();
    expect(bought.decision?.ended).toBe('bought');
    expect(acts(look([...MQL, BOUGHT], bought, { now: NOON + 3 * HOUR }))).toEqual([]);
  });

  it('who was a customer when handed over keeps the task: that is another sale', () => {
    const customer = [...MQL, event({ userId: 'bot', name: 'Subscription Started', at: NOON - 2 * HOUR })];
    const first = look(customer, undefined);
    expect(first.standing.handed?.customer).toBe(true);
    expect(acts(look(customer, first, LATER))).toEqual([]);
  });

  it('a suppression closes it, and says which', () => {
    const suppressed = look([...MQL, COMPETITOR], crossed, LATER);
    expect(suppressed.decision?.ended).toBe('suppressed');
    expect(acts(suppressed)).toMatchObject([
      { kind: 'close', line: expect.stringMatching(/not to be contacted any more \(no competitor/) },
    ]);
  });

  it('bought and suppressed at once: closed once, as bought', () => {
    const both = acts(look([...MQL, COMPETITOR, BOUGHT], crossed, LATER));
    expect(both).toMatchObject([{ line: expect.stringContaining('became a customer') }]);
  });

  const COLD = { now: NOON + 40 * DAY };

  it('cooling adds a note, and a later purchase still closes it', () => {
    const cold = look(MQL, crossed, COLD);
    expect(acts(cold)).toMatchObject([
      { kind: 'note', line: expect.stringMatching(/cooled to \w+ with \d+ points/) },
    ]);
    const bought = look([...MQL, { ...BOUGHT, at: NOON + 41 * DAY }], cold, { now: NOON + 41 * DAY });
    expect(acts(bought)).toMatchObject([{ kind: 'close' }]);
  });

  it.each([
    ['close', ['close']],
    ['nothing', []],
  ])('cooling, when the play says %s', (when_cooled, kinds) => {
    const by = withPlay({ when_cooled });
    const found = acts(look(MQL, look(MQL, undefined, {}, by), COLD, by));
    expect(found.map(({ kind }) => kind)).toEqual(kinds);
    expect(look(MQL, look(MQL, undefined, {}, by), COLD, by).decision?.ended).toBe('cooled');
  });

  it('a second cooling is another act, the same one looked at again is not', () => {
    const once = look(MQL, crossed, COLD);
    expect(acts(look(MQL, once, { now: NOON + 41 * DAY }))).toEqual([]);
    const warm = { ...once, standing: { ...once.standing, tier: 'mql' } };
    const twice = look(MQL, warm, { now: NOON + 42 * DAY });
    expect(acts(twice).map(({ key }) => key)).not.toEqual(acts(once).map(({ key }) => key));
  });

  it('a publication, a merge or a backfill touches no task; the next behaviour does', () => {
    const silent = look([...MQL, BOUGHT], crossed, { ...LATER, act: false });
    expect(acts(silent)).toEqual([]);
    expect(acts(look([...MQL, BOUGHT], silent, { now: NOON + 3 * HOUR }))).toMatchObject([{ kind: 'close' }]);
  });

  it('I6: keys are the same whoever decides, and name crossing and cause', () => {
    const [a, b] = [look([...MQL, BOUGHT], crossed, LATER), look([...MQL, BOUGHT], crossed, LATER)];
    expect(acts(a)).toEqual(acts(b));
    expect(acts(a)[0]?.key).toBe('x:["acct-7","mql-rubric","mql",1,"bought"]');
  });
});

describe('merged accounts', () => {
  const standing = (crossedAt: string, customer: boolean): Standing => ({
    tier: 'mql',
    since: crossedAt,
    crossings: { mql: 1 },
    crossedAt: { mql: crossedAt },
    handed: { tier: 'mql', n: 1, customer, suppressed: [], cooled: 0 },
  });

  it('the later crossing says what the account was, in either order; one without keeps the other’s', () => {
    const [older, newer] = [standing('2026-03-01T00:00:00Z', true), standing('2026-03-02T00:00:00Z', false)];
    const { handed: _, ...none } = older;
    for (const [a, b] of [
      [older, newer],
      [newer, older],
    ] as const) {
      expect(mergeStandings(a, b, () => 1).handed?.customer).toBe(false);
    }
    expect(mergeStandings(none, newer, () => 1).handed).toEqual(newer.handed);
    expect(mergeStandings(newer, none, () => 1).handed).toEqual(newer.handed);
  });
});
