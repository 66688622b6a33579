import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readMapping } from '../../../src/decide/mapping.ts';
import { formatProblem } from '../../../src/shared/config-file.ts';
import { DAY, MINUTE } from '../../../src/shared/time.ts';

const SHIPPED = readFileSync('mappings/hubspot.yaml', 'utf8');

/** The shipped mapping with some of its text replaced. */
function changed(...edits: [string, string][]) {
  const text = edits.reduce((so, [from, to]) => {
    expect(so).toContain(from);
    return so.replace(from, to);
  }, SHIPPED);
  return readMapping('hubspot', 'hubspot.yaml', text);
}

function problems(...edits: [string, string][]): string[] {
  const read = changed(...edits);
  return read.ok ? [] : read.error.map(formatProblem);
}

describe('a mapping file', () => {
  it('as shipped has no problem, and keeps its match order and policies', () => {
    const read = changed();
    expect(read).toMatchObject({
      ok: true,
      value: {
        account: { create: 'when_qualified', match: ['link', 'unique', 'domain'] },
        person: { create: 'for_members', match: ['link', 'unique', 'email'], several: 'oldest' },
        task: { key: 'pql_key' },
      },
    });
  });

  it('tells every kind of mistake at once, each with its line (I11)', () => {
    const told = problems(
      ['create: when_qualified #', 'create: sometimes #'],
      ['match: [link, unique, domain]', 'match: [link, domian]'],
      ['{ from: score.value, type: number }', '{ from: score.valu, type: numbr }'],
      ['match: [link, unique, email]', 'match: [link, domain]'],
    );
    const of = (path: string) => told.find((line) => line.includes(` ${path}:`)) ?? 'not told';
    expect(of('company.create')).toMatch(/^hubspot\.yaml:\d+ .*"sometimes".*never, when_qualified, always/);
    expect(of('company.match.1')).toContain('did you mean "domain"');
    expect(of('company.fields.pql_score.from')).toContain('did you mean "score.value"');
    expect(of('company.fields.pql_score.type')).toContain('did you mean "number"');
    expect(of('contact.match.1')).toMatch(/"domain"; allowed: link, unique, email/);
  });

  it('refuses a unique field that is not the key of the account', () => {
    expect(problems(['{ from: account.key,', '{ from: account.domain,'])).toEqual([
      expect.stringMatching(/pql_account_id\.from: found "account\.domain"; allowed: account\.key/),
    ]);
  });

  it('shows a finding of the portal whole, at the line it is about', () => {
    const read = changed();
    if (!read.ok) {
      throw new Error('the shipped mapping is refused');
    }
    const { line, path, found } = read.value.problemAt('campaign', 'lifecycle_stage', 'no stage "x"', 'y');
    const text = SHIPPED.split('\n')[line - 1];
    expect({ text, path, found }).toEqual({
      text: expect.stringContaining('lifecycle_stage: marketingqualifiedlead'),
      path: 'campaign.lifecycle_stage',
      found: 'no stage "x"',
    });
  });

  /** The shipped file with other entries under `read`. */
  const reading = (read: string): [string, string] => [
    / {2}read:[\s\S]*?(?=\n {2}fields:)/.exec(SHIPPED)?.[0] ?? '',
    read,
  ];

  it('names what is read back, and finds the line of what the portal lacks', () => {
    const read = changed(
      reading(
        '  read: { employees: numberofemployees, tools: { field: tech, type: list }, buys: { field: stage, is: [Won] } }',
      ),
    );
    const plain = { type: 'text', is: null, optional: false };
    expect(read.ok && read.value.reads).toEqual([
      { ...plain, trait: 'employees', field: 'numberofemployees' },
      { ...plain, trait: 'tools', field: 'tech', type: 'list' },
      { ...plain, trait: 'buys', field: 'stage', is: ['won'] },
    ]);
    expect(read.ok && read.value.problemAt('company', 'tech', 'x', 'y').path).toBe('company.read.tools');
    const both = changed(reading('  read: { named: name }'));
    expect(both.ok && both.value.problemAt('company', 'name', 'x', 'y').path).toBe('company.fields.name');
    expect(problems(reading('  read: { employees: "a, b", __proto__: x }'))[0]).toContain('__proto__');
    expect(problems(reading('  read: { employees: "Id FROM User" }'))[0]).toContain('read.employees');
  });

  it('as shipped asks only for fields that a portal may lack: its plan is no mistake of the mapping', () => {
    const read = changed();
    expect(read.ok && read.value.reads.every(({ optional }) => optional)).toBe(true);
  });

  it.each([
    ['15 minutes', 15 * MINUTE],
    ['1 day', DAY],
    ['never', null],
  ])('reads deals every %s', (text, every) => {
    const read = changed(['deals: 15 minutes', `deals: ${text}`]);
    expect(read.ok && read.value.readDealsEvery).toBe(every);
  });

  it('says how often with a unit, and reconciles within a number of calls', () => {
    expect(problems(['deals: 15 minutes', 'deals: 15'])[0]).toContain('read_back.deals');
    expect(problems(['calls: 200', 'calls: 0'])[0]).toContain('reconcile.calls');
    expect(changed()).toMatchObject({ value: { reconcile: { every: DAY, calls: 200 } } });
  });

  it('of before there was reading back and reconciling goes on, with what is shipped', () => {
    const without = SHIPPED.replace(/\nread_back:[\s\S]*$/, '\n');
    expect(without).not.toContain('reconcile');
    expect(readMapping('hubspot', 'hubspot.yaml', without)).toMatchObject({
      value: { readDealsEvery: 15 * MINUTE, reconcile: { every: DAY, calls: 200 } },
    });
  });
});
