import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadMappings } from '../../src/mappings.ts';
import { formatProblem } from '../../src/shared/config-file.ts';

/** What the name of the temporary folder ends with. */
const NAME = '-copy/';

let dir: string;

beforeEach(() => {
  dir = `${mkdtempSync(join(tmpdir(), 'mappings-'))}-copy`;
  cpSync('mappings', dir, { recursive: true });
});
afterEach(() => {
  for (const made of [dir, dir.replace('-copy', '')]) {
    rmSync(made, { recursive: true });
  }
});

function edit(file: string, from: string, to: string): void {
  const text = readFileSync(join(dir, file), 'utf8');
  expect(text).toContain(from);
  writeFileSync(join(dir, file), text.replace(from, to));
}

/** Each problem as file, path and the name that was meant. */
function problems(): string[] {
  const read = loadMappings(dir);
  return (read.ok ? [] : read.error).map(({ file, line, path, allowed }) => {
    expect(line).toBeGreaterThan(0);
    const meant = /did you mean "([^"]+)"/.exec(allowed)?.[1];
    return [file.slice(file.indexOf(NAME) + NAME.length), path, meant].filter(Boolean).join(' ');
  });
}

describe('I11: every problem of every file, in one list', () => {
  it('finds nothing wrong with what is shipped', () => {
    expect(problems()).toEqual([]);
  });

  it('a broken signals.yaml hides no mistake of the others', () => {
    edit('signals.yaml', 'of: step', 'off: step');
    edit(
      'models/mql-rubric.yaml',
      'requires: [feature_depth_last_7_days',
      'requires: [feature_depth_last_7_day',
    );
    edit('handoff.yaml', 'template: mql', 'template: mq');
    edit('hubspot.yaml', 'from: account.key', 'from: account.kay');
    edit('templates/mql.liquid', '{{ headline }}', '{{ headlin }}');
    expect(problems()).toEqual([
      'signals.yaml signals.onboarding_steps.off of',
      'models/mql-rubric.yaml tiers.3.requires.0 feature_depth_last_7_days',
      'handoff.yaml plays.0.template mql',
      'templates/mql.liquid headline',
      'hubspot.yaml company.fields.pql_account_id.from account.key',
    ]);
  });

  it('within one file, what the schema and what the rules find wrong come together, by line', () => {
    edit('signals.yaml', 'count: distinct value, of: step', 'count: distinct valu, of: step');
    edit('signals.yaml', 'started: checkout_started', 'started: checkout_start');
    edit('hubspot.yaml', 'pql_score: { from: score.value', 'pql_score: { from: score.valu');
    edit('hubspot.yaml', 'pql_account_id: { from: account.key', 'pql_account_id: { from: account.name');
    edit('models.yaml', 'champion: mql-rubric', 'champion: mql-rubrik\nshadow: []');
    edit('handoff.yaml', 'within: 24 hours', 'within: 1 day');
    expect(problems()).toEqual([
      'signals.yaml signals.onboarding_steps.count distinct value',
      'signals.yaml signals.checkout_abandoned.abandoned.started checkout_started',
      'models.yaml champion mql-rubric',
      'models.yaml shadow shadows',
      'handoff.yaml sla.2.within',
      'hubspot.yaml company.fields.pql_account_id.from',
      'hubspot.yaml company.fields.pql_score.from score.value',
    ]);
  });

  it('pools that mappings name must stand in handoff.yaml; where that is broken nobody knows which there are', () => {
    const pool = '    - account_owner # the Account';
    edit(
      'salesforce.yaml',
      pool,
      `    - { by: route, owners: { SDR: { pool: sdrs } } }\n    - { pool: sdr }\n${pool}`,
    );
    edit('handoff.yaml', 'plays:\n', 'pools: { sdr: { people: [ann@acme.example] } }\nplays:\n');
    expect(problems()).toEqual(['salesforce.yaml task.owner.0.owners.SDR.pool sdr']);
    edit('handoff.yaml', 'within: 24 hours', 'within: 1 day');
    expect(problems()).toEqual(['handoff.yaml sla.2.within']);
  });

  it('a broken template is no missing one, a broken model no unknown tier', () => {
    edit('templates/mql.liquid', '{{ headline }}', '{{ headlin }}');
    edit('models/mql-rubric.yaml', 'from: 85', 'from: 850');
    expect(problems()).toEqual(['models/mql-rubric.yaml tiers.3.from', 'templates/mql.liquid headline']);
  });

  it('an unknown champion is named beside the files that there are', () => {
    edit('models.yaml', 'champion: mql-rubric', 'champion: mql-rubrik');
    expect(problems()).toEqual(['models.yaml champion mql-rubric']);
  });
});

describe('accounts.yaml', () => {
  it('may be missing: folders from before there was one start with the defaults, and are folded alike', () => {
    const shipped = loadMappings(dir);
    rmSync(join(dir, 'accounts.yaml'));
    const older = loadMappings(dir);
    expect(older.ok && older.value.accounts.removed_by).toEqual(['Account Removed User']);
    expect(older.ok && older.value.signals.hash).toBe(shipped.ok && shipped.value.signals.hash);
  });

  it('a change of it is a change of the plan: everybody is folded again', () => {
    const before = loadMappings(dir);
    edit('accounts.yaml', 'own_domains: []', 'own_domains: [ours.example]');
    const after = loadMappings(dir);
    expect(before.ok && after.ok && before.value.signals.hash !== after.value.signals.hash).toBe(true);
  });

  it('a mistake in it is listed with those of the other files', () => {
    edit('accounts.yaml', 'own_domains: []', 'own_domain: []');
    edit('hubspot.yaml', 'from: account.key', 'from: account.kay');
    expect(problems()).toEqual([
      'accounts.yaml own_domain own_domains',
      'hubspot.yaml company.fields.pql_account_id.from account.key',
    ]);
  });
});

describe('I11: what stands where a file should', () => {
  const said = () => {
    const read = loadMappings(dir);
    return (read.ok ? [] : read.error)
      .map(formatProblem)
      .map((line) => line.slice(line.indexOf(NAME) + NAME.length));
  };
  const instead = (file: string) => {
    rmSync(join(dir, file));
    return join(dir, file);
  };
  const NO_FILE = 'allowed: a text file that may be read';

  it('folders, pipes and links to nothing or in a circle are each a problem, also of files that may be missing', () => {
    mkdirSync(instead('signals.yaml'));
    execFileSync('mkfifo', [instead('hubspot.yaml')]);
    symlinkSync('nowhere.yaml', instead('accounts.yaml'));
    symlinkSync('facts.yaml', instead('facts.yaml'));
    symlinkSync('/dev/zero', join(dir, 'models/endless.yaml'));
    expect(said()).toEqual([
      `signals.yaml:1 found a folder; ${NO_FILE}`,
      `accounts.yaml:1 found a link to a file that is not there; ${NO_FILE}`,
      `facts.yaml:1 found links that lead in a circle; ${NO_FILE}`,
      `models/endless.yaml:1 found no ordinary file; ${NO_FILE}`,
      `hubspot.yaml:1 found no ordinary file; ${NO_FILE}`,
    ]);
  });

  it('text of another encoding is refused with its line, not read as other letters', () => {
    const text = readFileSync(join(dir, 'models/points.yaml'), 'utf8').replace(
      'title: ',
      'title: Caf\u00e9 ',
    );
    writeFileSync(join(dir, 'models/points.yaml'), text, 'latin1');
    writeFileSync(join(dir, 'templates/mql.liquid'), 'a task\nabout \0');
    expect(said()).toEqual([
      expect.stringMatching(/^models\/points\.yaml:\d+ found bytes that are no text in UTF-8;/),
      'templates/mql.liquid:2 found bytes that are no text in UTF-8; allowed: UTF-8 without NUL',
    ]);
  });
});
