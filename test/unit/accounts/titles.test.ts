import { describe, expect, it } from 'vitest';
import { wordsOf } from '../../../src/accounts/titles.ts';
import { reader } from '../../support/facts.ts';

const shipped = reader();

describe('S1-96: what a title says about rank and budget, by the shipped rules', () => {
  const rows: [title: string, seniority: string | undefined, buyer: boolean | undefined][] = [
    ['CEO', 'c_level', true],
    ['C.E.O.', 'c_level', true],
    ['Chief Executive Officer', 'c_level', true],
    ['Chief Revenue & Growth Officer', 'c_level', true],
    ['Co-Founder & CTO', 'c_level', true],
    ['Founder, VP Engineering', 'c_level', true],
    ['President', 'c_level', true],
    ['Owner', 'c_level', true],
    ['Managing Director', 'c_level', true],
    ['Vice President', 'vp', true],
    ['Vice-President of Sales', 'vp', true],
    ['V.P. Marketing', 'vp', true],
    ['SVP, Operations', 'vp', true],
    ['Senior Vice President & General Manager', 'vp', true],
    ['Assistant Vice President', 'manager', false],
    ['Director of Engineering', 'director', false],
    ['Sr.Director IT', 'director', false],
    ['Head of RevOps', 'director', false],
    ['Chief of Staff to the CEO', 'director', false],
    ['Chief Architect', 'director', false],
    ['Engineering Manager', 'manager', false],
    ['Manager, Product', 'manager', false],
    ['Group Product Manager', 'manager', false],
    ['Product Manager', 'ic', false],
    ['Senior Account Manager', 'ic', false],
    ['Product Owner', 'ic', false],
    ['Assistant to the CEO', 'ic', false],
    ['Executive Assistant to the Vice President', 'ic', false],
    ["CEO's Assistant", 'ic', false],
    ['Analyst, Office of the CFO', 'ic', false],
    ['Former CEO', 'ic', false],
    ['CEO (ex-Google)', 'c_level', true],
    ['Software Engineer', 'ic', false],
    ['Sales Development Representative', 'ic', false],
    ['Account Executive', 'ic', false],
    ['Intern', 'ic', false],
    ['DIRECTORY SERVICES', undefined, undefined],
    ['Jedi', undefined, undefined],
    ['', undefined, undefined],
    ['  ', undefined, undefined],
  ];
  it.each(rows)('%s is %s, economic buyer: %s', (title, seniority, buyer) => {
    const facts = shipped.person({ title });
    expect([facts.seniority, facts.economic_buyer]).toEqual([seniority, buyer]);
  });

  it('without a title the rank is unknown, not ic', () => {
    expect(shipped.person({ name: 'Ada' })).toEqual({ name: 'Ada' });
  });

  it('a rank that a source declared is kept', () => {
    expect(shipped.person({ title: 'Jedi', seniority: 'vp' }).seniority).toBe('vp');
    expect(shipped.person({ title: 'CEO', seniority: 'ic' }).seniority).toBe('ic');
  });

  it('a very long title costs no more than a short one', () => {
    const started = performance.now();
    expect(shipped.person({ title: 'chief '.repeat(20_000) }).seniority).toBe('director');
    expect(performance.now() - started).toBeLessThan(500);
  });
});

describe('titles as configured', () => {
  const own = reader(
    [
      'titles:',
      '  from: [job, title]',
      '  economic_buyer:',
      '    - { seniority: [director], words: [it, "head of * systems"] }',
      '  seniority:',
      '    - { is: vp, words: [prokurist] }',
      '    - { is: director, words: [Leiter, head] }',
    ].join('\n'),
  );
  it.each([
    ['Prokurist', 'vp', false],
    ['LEITER IT', 'director', true],
    ['Leiter Vertrieb', 'director', false],
    ['Head of Business Information Systems', 'director', true],
    ['Head of Systems', 'director', false],
    ['CEO', undefined, undefined],
  ])('%s is %s, economic buyer: %s', (title, seniority, buyer) => {
    const facts = own.person({ title });
    expect([facts.seniority, facts.economic_buyer]).toEqual([seniority, buyer]);
  });

  it('the first known trait counts', () => {
    expect(own.person({ job: 'Prokurist', title: 'Leiter' }).seniority).toBe('vp');
  });
});

it('words: case, punctuation and hyphens do not count, letters of any alphabet do', () => {
  expect(wordsOf("  V.P. – R&D / Geschäftsführer's (e.V.)")).toEqual([
    ...['vp', 'r', 'd', 'geschäftsführer', 'ev'],
  ]);
});
