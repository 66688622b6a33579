import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { namedOwners } from '../../../src/decide/acts-mapping.ts';
import { readMapping } from '../../../src/decide/mapping.ts';
import { formatProblem } from '../../../src/shared/config-file.ts';

const HUBSPOT = readFileSync('mappings/hubspot.yaml', 'utf8');
const SALESFORCE = readFileSync('mappings/salesforce.yaml', 'utf8');

function problems(crm: 'hubspot' | 'salesforce', edit: (text: string) => string): string[] {
  const read = readMapping(crm, 'm.yaml', edit(crm === 'hubspot' ? HUBSPOT : SALESFORCE));
  return read.ok ? [] : read.error.map(formatProblem);
}

const owners = (lines: string) => (text: string) => text.replace('    - account_owner', lines);

describe('campaign and task of a mapping', () => {
  it.each<[string, 'hubspot' | 'salesforce', (text: string) => string, RegExp]>([
    [
      'a fact that names do not know',
      'hubspot',
      (t) => t.replace('name: PQL MQL', 'name: "PQL {{ moon }}"'),
      /campaign\.name.*\{\{ month \}\}/,
    ],
    [
      'a zone that is none',
      'hubspot',
      (t) => t.replace('timezone: UTC', 'timezone: Mars/Base'),
      /campaign\.timezone: found "Mars\/Base"/,
    ],
    [
      'a status that is not declared',
      'salesforce',
      (t) => t.replace('status: Sent', 'status: Snt'),
      /campaign\.status: found "Snt".*Sent, Responded.*mean/,
    ],
    [
      'a status of a tier that is not declared',
      'salesforce',
      (t) => t.replace('  status: Sent', '  status: Sent\n  status_by_tier: { mql: Hot }'),
      /status_by_tier\.mql: found "Hot"/,
    ],
    [
      'two defaults',
      'salesforce',
      (t) => t.replace('responded: true', 'responded: true, default: true'),
      /statuses: found "2 defaults"/,
    ],
    [
      'no status that responded',
      'salesforce',
      (t) => t.replace(', responded: true', ''),
      /no status that responded/,
    ],
    [
      'a fallback before others',
      'hubspot',
      owners('    - { fallback: a@b.example }\n    - account_owner'),
      /task\.owner\.0: found "a fallback with others after it"/,
    ],
    ['an owner that is no e-mail', 'hubspot', owners('    - { pool: [ann] }'), /task\.owner/],
    ['a pool of no such name', 'hubspot', owners('    - { pool: SDR }'), /task\.owner/],
    ['an empty pool', 'hubspot', owners('    - { pool: [] }'), /task\.owner/],
    [
      'a fact that decides nothing',
      'hubspot',
      owners('    - { by: moon, owners: { full: a@b.example } }'),
      /task\.owner/,
    ],
  ])('%s is refused with its line', (_title, crm, edit, words) => {
    const found = problems(crm, edit);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(words);
    expect(found[0]).toMatch(/^m\.yaml:\d+ /);
  });

  it('whoever the CRM does not know is told with file and line', () => {
    const text = owners('    - { pool: [ann@a.example, bo@a.example] }\n    - { fallback: SDR Queue }')(
      SALESFORCE,
    );
    const read = readMapping('salesforce', 'm.yaml', text);
    if (!read.ok) {
      throw new Error(read.error.map(formatProblem).join('\n'));
    }
    const mapping = read.value;
    expect(namedOwners(mapping.task.owner).map(({ name, queue }) => `${name} ${queue}`)).toEqual([
      'ann@a.example false',
      'bo@a.example false',
      'SDR Queue true',
    ]);
    const line = text.split('\n').findIndex((one) => one.includes('pool: [ann@a.example')) + 1;
    expect(mapping.problemAt('owner', 'bo@a.example', '"bo"', 'a user')).toMatchObject({
      line,
      path: 'task.owner.0.pool.1',
      found: '"bo"',
    });
  });
});
