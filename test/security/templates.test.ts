import { afterEach, describe, expect, it, vi } from 'vitest';
import { taskBody } from '../../src/crm/hubspot/task-text.ts';
import { readCsv, writeCsv } from '../../src/crm/salesforce/bulk/csv.ts';
import { readTemplate } from '../../src/decide/texts/template.ts';
import { type TextFacts, type TextQuestion, textFacts } from '../../src/decide/texts/text-facts.ts';
import type { Evaluation } from '../../src/score/evaluation.ts';

const FACTS: TextFacts = {
  account: {
    key: 'a',
    name: 'Acme',
    company: 'Acme',
    domain: null,
    link: 'https://pql.example/a',
    employees: null,
    industry: null,
    customer: false,
  },
  score: { value: 85, tier: 'mql' },
  headline: 'invited 4 people',
  trigger: null,
  lines: [{ why: 'invited 4 people', points: 20 }],
  also: [],
  company: [],
  people: 1,
  person: null,
  plan: null,
  next_plan: null,
  our: {},
  touch: { number: 1, of: 1, first: '2026-03-02' },
  route: 'SDR',
  due: '2026-03-03 12:00 UTC',
};

function templateOf(text: string) {
  const read = readTemplate('t.liquid', text);
  if (!read.ok) {
    throw new Error(JSON.stringify(read.error));
  }
  return read.value;
}

const named = (name: string) => ({ ...FACTS, account: { ...FACTS.account, name } });

afterEach(() => {
  vi.restoreAllMocks();
});

describe('a value is never a template', () => {
  it.each([
    '{{ 7 | times: 7 }}',
    '{% for i in (1..1000000000) %}x{% endfor %}',
    '{% render "secret" %}',
    '{% assign x = 1 %}{{ x }}',
    '{{ account.link }}',
    '{%- comment -%}',
    '{{',
    '%}',
  ])('a company named %s has that name in its task', (name) => {
    const { subject, body } = templateOf('{{ account.name }}\n{{ account.name | append: "!" }}')(named(name));
    expect(subject).toBe(name);
    expect(body).toBe(`${name}!`);
  });
});

describe('a template of the operator', () => {
  it.each([
    ['a loop without end', 'x\n{% for i in (1..1000000000) %}x{% endfor %}'],
    ['loops in loops', `x\n${'{% for i in (1..1000) %}'.repeat(4)}x${'{% endfor %}'.repeat(4)}`],
    [
      'a text that doubles',
      `{% assign x = "xxxxxxxxxx" %}${'{% assign x = x | append: x | append: x %}'.repeat(40)}{{ x }}`,
    ],
    ['a file', '{% include "/etc/passwd" %}'],
    ['a file that is rendered', '{% render "../../../etc/passwd" %}'],
    ['a layout', '{% layout "/etc/passwd" %}'],
    ['the prototype', '{{ account.constructor.name }}'],
    ['the prototype by its name', '{{ account.__proto__ }}'],
    ['an unknown filter', '{{ account.name | shell }}'],
    ['more than a template has letters', `x${' '.repeat(200_000)}`],
  ])('%s is refused when it is read, within seconds', (_what, text) => {
    const start = performance.now();
    const read = readTemplate('t.liquid', text);
    expect(read.ok ? 'taken' : read.error).toEqual([expect.objectContaining({ file: 't.liquid' })]);
    expect(performance.now() - start).toBeLessThan(15_000);
  });

  it('regression: a machine that stands still while it is read or rendered changes nothing', () => {
    let now = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => {
      now += 60_000;
      return now;
    });
    const text = '{{ account.name }}\n{% for line in lines %}- {{ line.why }}\n{% endfor %}';
    expect(templateOf(text)(FACTS).body).toBe('- invited 4 people');
  });

  it('regression: one that fails with the facts of one account gives that task a plain text, and the score stands (I9)', () => {
    const text = '{{ account.name | append: account.name | append: account.name }}\nx';
    const { subject, body } = templateOf(text)(named('x'.repeat(900_000)));
    expect(subject).toMatch(/^x{100,}/);
    expect(body).toBe('- invited 4 people (+20)\nhttps://pql.example/a');
  });
});

describe('what is made of names', () => {
  const evaluation = {
    value: 1,
    tier: 't',
    explanation: [],
    groups: {},
    modifiers: [],
    gates: [],
  } as unknown as Evaluation;
  const factsOf = (name: string) =>
    textFacts({
      facts: { key: 'a', name, domain: null, link: '', people: [], reachable: [], traits: {} },
      evaluation,
      model: { rules: [], milestones: [], segments: [] },
      texts: { our: {}, names: {}, plans: [] },
      evidence: null,
      touch: { number: 1, of: 1, first: 0 },
      route: 'SDR',
      due: '',
    } as unknown as TextQuestion);

  it.each(['Acme\nTask: give everybody access', 'Acme\r\nx', 'Acme\u2028x', 'Acme\u001b[2Jx', 'Acme\u202ex'])(
    'regression: %j is one line, so that no name can add a sentence to a task',
    (name) => {
      const { subject, body } = templateOf('{{ account.name }} called\nthe text')(factsOf(name));
      expect(subject).toMatch(/^Acme.* called$/);
      expect(body).toBe('the text');
    },
  );

  it('regression: a subject that is cut inside an emoji keeps no half of it', () => {
    const { subject } = templateOf('{{ account.name }}\nx')(named(`${'x'.repeat(197)}😀😀`));
    expect(subject.isWellFormed()).toBe(true);
    expect(subject.length).toBeLessThanOrEqual(200);
  });

  it.each([
    ['<script>alert(1)</script>', '&lt;script&gt;alert(1)&lt;/script&gt;'],
    ['<img src=x onerror=alert(1)>', '&lt;img src=x onerror=alert(1)&gt;'],
    ['"><a href="javascript:x">', '&quot;&gt;&lt;a href=&quot;javascript:x&quot;&gt;'],
    ['&lt;b&gt;', '&amp;lt;b&amp;gt;'],
  ])('HubSpot shows %s as text', (name, html) => {
    expect(taskBody(name)).toBe(html);
  });

  it.each([
    "=cmd|' /C calc'!A0",
    '+1',
    '-1',
    '@SUM(1)',
    '\t=1',
    'a,b',
    'a"b',
    'a\r\nb',
    'a\nb,c',
    ' x ',
    '=HYPERLINK("x")',
  ])(
    'a bulk file carries %j as it is: it is read by Salesforce, which knows no formulas, and a mark before it would change the data',
    (name) => {
      const [row] = readCsv(writeCsv('Id', [{ record: { Id: '001', Name: name } } as never]));
      expect(row).toEqual({ Id: '001', Name: name });
    },
  );
});
