import { describe, expect, it } from 'vitest';
import { type DigestFacts, lettersOf } from '../../../src/read-model/digest.ts';
import type { FeedRow } from '../../../src/read-model/feed.ts';
import { DAY, HOUR, isoInstant } from '../../../src/shared/time.ts';
import { NOON } from '../../support/event.ts';

const ROW: FeedRow = {
  account: 'acct-7',
  name: 'Initech',
  domain: 'initech.example',
  tier: 'mql',
  score: 85,
  change: 20,
  tierBefore: 'stage_2',
  reasons: ['4 teammates invited', 'ran into a plan limit'],
  state: 'handed_over',
  route: 'SDR',
  why: null,
  owner: 'Ada@acme.com',
  due: isoInstant(NOON + 24 * HOUR),
  touched: null,
  touch: null,
  crossedAt: isoInstant(NOON - HOUR),
  records: [{ crm: 'hubspot', connection: 'hubspot:42', id: '501' }],
};

function letters(rows: Partial<FeedRow>[], over: Partial<DigestFacts['digest']> = {}) {
  return lettersOf({
    digest: { timezone: 'Europe/Berlin', offset: () => HOUR, owners: true, addresses: [], ...over },
    rows: rows.map((row) => ({ ...ROW, ...row })),
    day: '2026-03-02',
    now: NOON,
    sites: { hubspot: 'https://app.hubspot.com', salesforce: null },
    linkBase: 'https://pql.acme.com/api/v1',
  });
}

describe('S4-82, S4-162: the digest of an owner', () => {
  it('tells what is theirs: score and its change, deadline by their clocks, reasons, links', () => {
    const all = letters([{}, { account: 'acct-8', name: null, owner: 'ben@acme.com' }]);
    expect([...all.keys()]).toEqual(['ada@acme.com', 'ben@acme.com']);
    const letter = all.get('ada@acme.com');
    expect(letter?.subject).toBe('PQL digest 2026-03-02: 1 account');
    expect(letter?.text).toBe(
      [
        'PQL digest 2026-03-02: 1 account',
        '',
        'Due',
        '- Initech (acct-7): mql, 85 points (+20 in a day)',
        '  Due 2026-03-03 13:00 (Europe/Berlin), Ada@acme.com',
        '  Because: 4 teammates invited; ran into a plan limit',
        '  https://pql.acme.com/api/v1/accounts/acct-7',
        '  https://app.hubspot.com/contacts/42/record/0-2/501',
        '',
      ].join('\n'),
    );
  });

  it('S4-98: does not press whoever is in touch already: it says since when', () => {
    const touched = { due: null, touched: isoInstant(NOON - HOUR), touch: 'claim' };
    expect(letters([touched]).get('ada@acme.com')?.text).toContain(
      'New since yesterday\n- Initech (acct-7): mql, 85 points (+20 in a day)\n  In touch since 2026-03-02 12:00 (Europe/Berlin) (claim), Ada@acme.com\n',
    );
  });

  it.each<[string, Partial<FeedRow>, string | null]>([
    [
      'in touch for days, and unchanged',
      {
        due: null,
        touched: isoInstant(NOON - 3 * DAY),
        touch: 'call',
        crossedAt: isoInstant(NOON - 4 * DAY),
        change: 0,
        tierBefore: 'mql',
      },
      null,
    ],
    ['overdue since an hour', { due: isoInstant(NOON - HOUR) }, 'Overdue'],
    [
      'overdue for more than a week, and unchanged',
      { due: isoInstant(NOON - 8 * DAY), change: 0, tierBefore: 'mql', crossedAt: null },
      null,
    ],
    [
      'overdue for more than a week, and changed',
      { due: isoInstant(NOON - 8 * DAY), crossedAt: null },
      'Changed since yesterday',
    ],
    ['new without a deadline', { due: null }, 'New since yesterday'],
    [
      'handed over long ago, and unchanged',
      { due: null, change: 0, tierBefore: 'mql', crossedAt: isoInstant(NOON - 2 * DAY) },
      null,
    ],
  ])('%s', (_title, row, group) => {
    const letter = letters([row]).get('ada@acme.com');
    expect(letter?.text.split('\n')[2] ?? null).toBe(group);
  });

  it('is not made for nobody, for a queue that has no address, or of what is held back', () => {
    expect([
      ...letters([{ owner: null }, { owner: 'Sales queue' }, { state: 'held', due: null }]).keys(),
    ]).toEqual([]);
  });
});

describe('S4-162: the digest of an address', () => {
  const everything = { owners: false, addresses: ['head@acme.com'] };

  it('tells everything, and what was held back since yesterday, with the reason', () => {
    const held: Partial<FeedRow> = {
      account: 'acct-9',
      state: 'held',
      due: null,
      why: 'a rival (by ann)',
      owner: null,
    };
    const [[to, letter] = []] = [...letters([{}, held], everything)];
    expect(to).toBe('head@acme.com');
    expect(letter?.text).toContain(
      '\nHeld back\n- Initech (acct-9): mql, 85 points (+20 in a day)\n  Not handed over: a rival (by ann)',
    );
    expect(letter?.accounts).toBe(2);
  });

  it('is not sent when there is nothing to tell', () => {
    expect(letters([], everything).size).toBe(0);
  });

  it('tells of 50 at most, and how many more there are', () => {
    const many = Array.from({ length: 60 }, (_, i) => ({ account: `acct-${i}` }));
    const letter = letters(many, everything).get('head@acme.com');
    expect(letter?.text.split('\n').filter((line) => line.startsWith('- '))).toHaveLength(50);
    expect(letter?.text).toContain('\n10 more: pql feed');
  });
});

describe('what senders named cannot pose as a part of the mail', () => {
  const EVIL = 'Initech\r\nBcc: all@acme.com\r\n.\r\n<img src=x onerror=alert(1)>"\u202e';
  const letter = letters([
    { name: EVIL, account: `<b>${EVIL}`, tier: EVIL, reasons: [EVIL], why: EVIL, state: 'handed_over' },
  ]).get('ada@acme.com');

  it('each line of the text begins with a word or mark of ours', () => {
    const lines = letter?.text.split('\n') ?? [];
    expect(
      lines.filter(
        (line) => !/^(|PQL digest .*|Due|- .*| {2}(Due|Because:|Not handed over:|https:\/\/).*)$/.test(line),
      ),
    ).toEqual([]);
    expect(letter?.text).not.toMatch(/[\r\u202e]/);
  });

  it('nothing of it is markup, and the subject holds none of it', () => {
    expect(letter?.html).not.toMatch(/<img|<b>|onerror=alert\(1\)>/);
    expect(letter?.html).toContain('&lt;img src=x');
    expect(letter?.subject).toBe('PQL digest 2026-03-02: 1 account');
  });
});
