import { describe, expect, it } from 'vitest';
import { STUDENT_SUFFIXES } from '../../../src/accounts/company-kind.ts';
import { factsSchema } from '../../../src/accounts/facts-config.ts';
import { TITLE_RULES } from '../../../src/accounts/title-rules.ts';
import { readConfig } from '../../../src/shared/config-file.ts';
import { DAY } from '../../../src/shared/time.ts';
import { accountWith, factsFile, factsProblems, reader } from '../../support/facts.ts';
import { shippedText } from '../../support/shipped.ts';

const shipped = reader();

describe('unknown is its own value: a fact that nobody knows is absent, never zero or false', () => {
  it('of an account', () => {
    expect(shipped.account(accountWith({}))).toEqual({});
    expect(shipped.account(accountWith({ traits: { industry: ' ', plan: '' } }))).toEqual({});
  });
  it('of a person', () => {
    expect(shipped.person({ email: 'nonsense', title: '', department: ' ' })).toEqual({ email: 'nonsense' });
  });
});

describe('S2-17 ... S2-19, S2-121, S2-122: what a domain says', () => {
  const own = reader(
    [
      'domains:',
      '  own: [ours.com]',
      '  competitor: [rival.com]',
      '  agency: [adworks.co.uk]',
      '  student: [bootcamp.io]',
      '  free: [freebie.example]',
      '  disposable: [gone.example]',
      '  manual: { friend.rival.com: work, gmail.com: work, stanford.edu: work }',
      'lists:',
      '  enterprise: [www-big.com, rival.com]',
      '  pilot: [rival.com]',
    ].join('\n'),
  );
  it.each([
    ['acme.com', 'work'],
    ['ours.com', 'own'],
    ['rival.com', 'competitor'],
    ['eu.rival.com', 'competitor'],
    ['friend.rival.com', 'work'],
    ['adworks.co.uk', 'agency'],
    ['bootcamp.io', 'student'],
    ['cs.ox.ac.uk', 'student'],
    ['mit.edu', 'student'],
    ['stanford.edu', 'work'],
    ['freebie.example', 'free'],
    ['gone.example', 'disposable'],
    ['mailinator.com', 'disposable'],
    ['gmail.com', 'work'],
  ])('the address of a person at %s is %s', (host, kind) => {
    expect(own.person({ email: `ada@${host}` }).email_kind).toBe(kind);
  });

  it.each([
    ['its web site', { traits: { website: 'https://www.rival.com/x' } }, 'competitor', 'rival.com'],
    ['its people', { emails: ['a@eu.rival.com', 'b@rival.com'] }, 'competitor', 'rival.com'],
    ['free mail alone', { emails: ['a@freebie.example', 'b@freebie.example'] }, 'free', undefined],
    ['most of its people', { emails: ['a@x.com', 'b@y.com', 'c@rival.com'] }, 'work', undefined],
    ['of a tie, work', { emails: ['a@rival.com', 'b@y.com'] }, 'work', undefined],
    [
      'a site that only the CRM knows',
      { facts: { crm: { website: 'rival.com' } } },
      'competitor',
      'rival.com',
    ],
  ])('the kind of an account by %s', (_, known, kind, domain) => {
    const facts = own.account(accountWith(known));
    expect([facts.domain_kind, facts.domain]).toEqual([kind, domain]);
  });

  it('S4-38: an account knows its target lists by its domain; without a domain that is unknown', () => {
    const lists = (site: string) => own.account(accountWith({ traits: { domain: site } })).target_lists;
    expect([lists('rival.com'), lists('www-big.com'), lists('small.com')]).toEqual([
      ['enterprise', 'pilot'],
      ['enterprise'],
      [],
    ]);
    expect(own.account(accountWith({}))).not.toHaveProperty('target_lists');
  });

  it('corrections of free mail change whose account people are; competitors and schools do not', () => {
    expect(factsFile().domainsHash).toBeNull();
    expect(factsFile('domains: { competitor: [rival.com], student: [school.com] }').domainsHash).toBeNull();
    const corrected = factsFile('domains: { free: [isp.com], manual: { gmail.com: work } }');
    expect(corrected.domainsHash).not.toBeNull();
    const kinds = ['isp.com', 'mail.isp.com', 'gmail.com', 'acme.com'].map((host) =>
      corrected.domainList.kind(host),
    );
    expect(kinds).toEqual(['free', 'free', 'work', 'work']);
  });
});

describe('S4-64, S4-160: who is a customer', () => {
  const at = Date.UTC(2026, 2, 2);
  it.each([
    [
      'the trait, whatever signals and plan say',
      { traits: { is_customer: 'true', plan: 'free' }, signals: { churned: at } },
      true,
    ],
    ['the trait: no', { traits: { is_customer: false, plan: 'pro' } }, false],
    ['a subscription', { signals: { became_customer: at } }, true],
    ['a subscription that ended', { signals: { became_customer: at, churned: at + DAY } }, false],
    ['a subscription that began again', { signals: { became_customer: at + DAY, churned: at } }, true],
    ['start and end at one instant', { signals: { became_customer: at, churned: at } }, false],
    ['only an end', { signals: { churned: at }, traits: { plan: 'pro' } }, false],
    ['a plan that is paid for', { traits: { plan: 'Pro' } }, true],
    ['a plan that nobody pays for', { traits: { plan: ' Free ' } }, false],
    ['a plan that the CRM knows', { facts: { crm: { plan: 'pro' } } }, true],
    ['nothing', { traits: { is_customer: 'maybe' } }, undefined],
  ])('%s', (_, known, customer) => {
    expect(shipped.account(accountWith(known)).customer).toBe(customer);
  });

  it('churned_at is when the newest subscription ended, also of one who came back', () => {
    const facts = shipped.account(accountWith({ signals: { became_customer: at + DAY, churned: at } }));
    expect(facts.churned_at).toBe('2026-03-02T00:00:00.000Z');
  });
});

describe('S1-37, S4-39, S4-63: of several sources the preferred one counts, per trait', () => {
  const state = accountWith({
    traits: { industry: 'Paper', country: '' },
    facts: {
      crm: { industry: 'Timber', employees: 240, country: 'DE' },
      csv: { employees: 200, acv_potential: 9000 },
    },
  });
  it('events before CRM before CSV, as shipped; an empty text says nothing', () => {
    expect(shipped.account(state)).toEqual({
      industry: 'Paper',
      employees: 240,
      country: 'DE',
      acv_potential: 9000,
    });
    expect(shipped.origins(state)).toEqual({
      industry: 'events',
      employees: 'crm',
      country: 'crm',
      acv_potential: 'csv',
    });
  });
  it('another order for all, another for one trait; a source left out is not used', () => {
    const own = reader('prefer: [csv, events]\nprefer_for: { industry: [crm, events], country: [csv] }');
    expect(own.account(state)).toEqual({ industry: 'Timber', employees: 200, acv_potential: 9000 });
  });
  it('a trait that events unset falls back to the CRM', () => {
    const unset = accountWith({ traits: { employees: null }, facts: { crm: { employees: 12 } } });
    expect(shipped.account(unset)).toEqual({ employees: 12 });
  });
});

describe('S1-99: the ACV potential is estimated only where no source gives it', () => {
  const own = reader('acv_potential: { bands: [{ from: 11, is: 6000 }, { from: 201, is: 40000 }] }');
  it.each([
    [10, undefined],
    [11, 6000],
    [200, 6000],
    [201, 40_000],
    ['1,200', 40_000],
    ['many', undefined],
    [undefined, undefined],
  ])('employees %s: %s', (employees, acv) => {
    const traits = employees === undefined ? {} : { employees };
    expect(own.account(accountWith({ traits })).acv_potential).toBe(acv);
  });
  it('a known one is kept', () => {
    expect(own.account(accountWith({ traits: { employees: 11, acv_potential: 1 } })).acv_potential).toBe(1);
  });
});

describe('the hash of what decides facts', () => {
  it('stays with comments, order and what is shipped written out; changes with what decides', () => {
    const { hash } = shipped;
    expect(reader('# words\nprefer_for: {}\nprefer: [events, crm, csv]').hash).toBe(hash);
    expect(reader(shippedText('facts.yaml')).hash).toBe(hash);
    for (const other of [
      'prefer: [crm]',
      'lists: { a: [a.com] }',
      'customer: { plan: tier }',
      'domains: { own: [a.com] }',
    ]) {
      expect(reader(other).hash).not.toBe(hash);
    }
  });
  it('a CSV is data, not a rule: naming one changes no version', () => {
    expect(reader('sources: { a: { file: a.csv, key: domain, columns: { E: employees } } }').hash).toBe(
      shipped.hash,
    );
  });
});

describe('the shipped facts.yaml shows what holds without it', () => {
  const file = readConfig('facts.yaml', shippedText('facts.yaml'), factsSchema).file?.value;
  it('title rules and ends of school domains', () => {
    expect(file?.titles?.seniority).toEqual(TITLE_RULES);
    expect(file?.domains?.student_suffixes).toEqual(STUDENT_SUFFIXES);
  });
  it('and everything else', () => {
    expect(factsProblems(shippedText('facts.yaml'))).toEqual([]);
  });
});

describe('a wrong facts.yaml is refused with every problem at once (I11)', () => {
  it('names file, line, found and allowed', () => {
    expect(
      factsProblems(
        'prefer: [events, events]',
        'prefer_for: { employees: [crm, cvs] }',
        'titles:',
        '  senority: []',
        '  economic_buyer: [{ seniority: [vp], words: ["*"] }]',
        'domains:',
        '  competitor: [rival.com, 10.0.0.1]',
        '  agency: [rival.com, http://x.com]',
        'customer: { started: payed, cancelled: left }',
        'acv_potential: { bands: [{ from: 10, is: 1 }, { from: 10, is: 2 }] }',
        'sources: { a: { file: a.csv, key: domain, columns: { A: x, B: { trait: x }, C: __proto__ } } }',
      ),
    ).toEqual([
      'facts.yaml:1 prefer: found ["events","events"]; allowed: each of events, crm, csv at most once',
      'facts.yaml:2 prefer_for.employees.1: found "cvs"; allowed: events, crm, csv (did you mean "csv"?)',
      'facts.yaml:4 titles.senority: found unknown key "senority"; allowed: from, seniority, economic_buyer (did you mean "seniority"?)',
      'facts.yaml:5 titles.economic_buyer.0.words.0: found "*"; allowed: a phrase with at least one word',
      'facts.yaml:7 domains.competitor.1: found "10.0.0.1"; allowed: a domain that can be registered: acme.com',
      'facts.yaml:8 domains.agency.1: found "http://x.com"; allowed: A domain, without www and https: "acme.com" or "acme.co.uk"',
      'facts.yaml:8 domains.agency.0: found "rival.com"; allowed: one kind for a domain: it is under competitor already',
      'facts.yaml:9 customer.started: found "payed"; allowed: the id of a signal of signals.yaml: became_customer, churned, paid, left (did you mean "paid"?)',
      'facts.yaml:10 acv_potential.bands.1.from: found 10; allowed: more than 10, lowest first',
      'facts.yaml:11 sources.a.columns.C: found "__proto__"; allowed: another name: programs give this one a meaning',
      'facts.yaml:11 sources.a.columns.B: found "x"; allowed: each trait from one column',
    ]);
  });
});
