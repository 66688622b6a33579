import { describe, expect, it } from 'vitest';
import { chooseOwner, type OwnerQuestion } from '../../../../src/decide/owner.ts';
import { loads, mail, owner, person, pool, question, team } from '../../../support/team.ts';

const SDR = pool(['ann', 'bo', 'cy']);
const OUT = [{ from: '2026-03-01', to: '2026-03-10' }];
const held = (name: string) => new Map([['sdr', { person: mail(name), since: '2026-02-20', why: 'drawn' }]]);

/** Who, and why. */
function chosen(over: Partial<OwnerQuestion> & Pick<OwnerQuestion, 'team'>): [string | null, string] {
  const choice = chooseOwner(question(over));
  return choice.found
    ? [choice.owner.name.replace('@acme.example', ''), choice.owner.why.replaceAll('@acme.example', '')]
    : [null, choice.why.replaceAll('@acme.example', '')];
}

describe('a pool of handoff.yaml (S1-53, S4-81)', () => {
  it.each<[string, Parameters<typeof chosen>[0], string | null, string]>([
    ['the next in turn', { team: team([SDR]) }, 'ann', 'next in turn of the pool sdr'],
    [
      'not who is out, and until when is said',
      { team: team([SDR], [person('ann', { out: OUT })]) },
      'bo',
      'next in turn of the pool sdr; ann out until 2026-03-10',
    ],
    [
      'not who is inactive in the CRM, and not whom it does not know',
      { team: team([SDR]), directory: [owner('ann', { active: false }), owner('cy')] },
      'cy',
      'next in turn of the pool sdr; ann, bo inactive or unknown',
    ],
    [
      'not whom the CRM refused a moment ago',
      { team: team([SDR]), refused: new Set(['id-ann']) },
      'bo',
      'next in turn of the pool sdr; ann inactive or unknown',
    ],
    [
      'not whose week is full, by the number of the pool',
      { team: team([{ ...SDR, aWeek: 3 }]), loads: loads({ ann: { week: 3 }, bo: { week: 2 } }) },
      'bo',
      'next in turn of the pool sdr; ann full (3 of 3 new tasks this week)',
    ],
    [
      'not whose week is full, by a number of their own',
      { team: team([SDR], [person('ann', { aWeek: 1 })]), loads: loads({ ann: { week: 1 } }) },
      'bo',
      'next in turn of the pool sdr; ann full (1 of 1 new tasks this week)',
    ],
    [
      'whoever has the account keeps it',
      { team: team([SDR]), held: held('cy') },
      'cy',
      'has the account from the pool sdr since 2026-02-20',
    ],
    [
      'chosen today it says how, in the other CRM too',
      {
        team: team([SDR]),
        held: new Map([['sdr', { person: mail('cy'), since: '2026-03-02', why: 'next in turn' }]]),
      },
      'cy',
      'next in turn',
    ],
    [
      'also in a full week: a conversation goes on',
      { team: team([{ ...SDR, aWeek: 1 }]), held: held('cy'), loads: loads({ cy: { week: 5 } }) },
      'cy',
      'has the account from the pool sdr since 2026-02-20',
    ],
    [
      'whoever has it and is out loses it',
      { team: team([SDR], [person('cy', { out: OUT })]), held: held('cy') },
      'ann',
      'next in turn of the pool sdr; cy out until 2026-03-10',
    ],
    [
      'whoever has it and left the pool loses it',
      { team: team([pool(['ann', 'bo'])]), held: held('cy') },
      'ann',
      'next in turn of the pool sdr; cy no longer of the pool sdr',
    ],
    [
      'whom another CRM lacks comes last, so that both name one person',
      { team: team([SDR]), elsewhere: new Set([mail('ann')]) },
      'bo',
      'next in turn of the pool sdr; ann unknown to the other CRM',
    ],
    [
      'whom another CRM lacks is better than nobody',
      { team: team([SDR]), elsewhere: new Set(['ann', 'bo', 'cy'].map(mail)) },
      'ann',
      'next in turn of the pool sdr',
    ],
    [
      'nobody, when all are full or away: each with the reason',
      {
        team: team([{ ...SDR, aWeek: 2 }], [person('bo', { out: OUT })]),
        directory: [owner('ann'), owner('bo')],
        loads: loads({ ann: { week: 2 } }),
      },
      null,
      'ann full (2 of 2 new tasks this week); bo out until 2026-03-10; cy inactive or unknown',
    ],
    [
      'then the next of the chain',
      {
        team: team([pool(['ann'], { aWeek: 1 })]),
        loads: loads({ ann: { week: 1 } }),
        steps: [
          { kind: 'pool', pool: 'sdr', why: 'account.traits.region is EMEA' },
          { kind: 'fallback', name: mail('bo') },
        ],
      },
      'bo',
      'fallback; ann full (1 of 1 new tasks this week)',
    ],
    [
      'the rule that named the pool is said',
      { team: team([SDR]), steps: [{ kind: 'pool', pool: 'sdr', why: 'owner of the route enterprise' }] },
      'ann',
      'owner of the route enterprise: next in turn of the pool sdr',
    ],
    [
      'a pool that is gone since the task was decided',
      { team: team([]), steps: [{ kind: 'pool', pool: 'sdr', why: '' }] },
      null,
      'handoff.yaml has no pool sdr any more',
    ],
    [
      'nobody can be read',
      { team: team([SDR]), directory: null },
      null,
      'the owners of the CRM cannot be read',
    ],
  ])('%s', (_title, over, name, why) => {
    expect(chosen(over)).toEqual([name, why]);
  });

  it('who was passed over is said once, also where the reason was kept from the other CRM', () => {
    const why = 'next in turn; the account has no owner';
    const held = new Map([['sdr', { person: mail('cy'), since: '2026-03-02', why }]]);
    const steps = [{ kind: 'account_owner' as const }, { kind: 'pool' as const, pool: 'sdr', why: '' }];
    expect(chosen({ team: team([SDR]), held, steps })).toEqual(['cy', why]);
  });

  it('the choice keeps the address, the same in every CRM, and the pool', () => {
    expect(chooseOwner(question({ team: team([SDR]) }))).toMatchObject({
      found: true,
      owner: { id: 'id-ann', person: mail('ann'), pool: 'sdr' },
    });
  });
});

it.each<[string, string[], Parameters<typeof loads>[0], string | null]>([
  ['the next in turn', ['ann'], { bo: { turn: 4 }, cy: { turn: 3 } }, 'cy'],
  ['nobody who is out', ['ann', 'cy'], {}, null],
  ['nobody who is full', ['ann'], { cy: { week: 9 } }, null],
  ['nobody, when all were asked', ['ann', 'bo', 'cy'], {}, null],
])('after some of a pool, when nobody got in touch: %s', (_title, passed, of, expected) => {
  const out = expected === 'cy' ? [] : OUT;
  const [next] = chosen({
    team: team([{ ...SDR, aWeek: 5 }], [person('bo', { out })]),
    refused: new Set(passed.map((name) => `id-${name}`)),
    loads: loads(of),
  });
  expect(next).toBe(expected);
});

describe('who is out gets nothing by another way either', () => {
  const away = team([], [person('ann', { out: OUT })]);
  it.each<[string, OwnerQuestion['steps'], string | null, string]>([
    [
      'as the owner of the account',
      [{ kind: 'account_owner' }, { kind: 'fallback', name: mail('bo') }],
      'bo',
      'fallback; the owner of the account, ann, is out until 2026-03-10',
    ],
    [
      'as one of several',
      [{ kind: 'people', names: [mail('ann'), mail('bo')], why: 'region is EMEA' }],
      'bo',
      'region is EMEA; ann out until 2026-03-10',
    ],
    ['as the fallback', [{ kind: 'fallback', name: 'Ann@acme.example' }], null, 'Ann out until 2026-03-10'],
  ])('%s', (_title, steps, name, why) => {
    expect(chosen({ team: away, steps, accountOwner: 'id-ann' })).toEqual([name, why]);
  });
});
