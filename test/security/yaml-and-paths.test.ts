import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { metadataFolder } from '../../src/crm/salesforce/folder.ts';
import { loadMappings } from '../../src/mappings.ts';
import { configText } from '../../src/shared/config-text.ts';
import { readYaml } from '../../src/shared/config-yaml.ts';
import { copyOfMappings } from '../support/folder.ts';

function timeOf<T>(work: () => T): { ms: number; value: T } {
  const start = performance.now();
  const value = work();
  return { ms: performance.now() - start, value };
}

describe('YAML bombs are problems with a line, and cost nothing', () => {
  const laughs = ['a: &a [x, x, x, x, x, x, x, x, x]'];
  for (const [name, before] of ['b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'].map((one, i) => [
    one,
    'abcdefgh'[i],
  ])) {
    laughs.push(`${name}: &${name} [${Array(9).fill(`*${before}`).join(', ')}]`);
  }
  const bombs: [string, string][] = [
    ['a billion laughs', laughs.join('\n')],
    [
      'merge keys that double',
      ['a: &a {x: 1}', ...Array.from({ length: 200 }, (_, i) => `k${i}: {<<: *a, y: *a}`)].join('\n'),
    ],
    ['an anchor inside itself', 'a: &a [*a]'],
    ['a hundred thousand brackets', '['.repeat(100_000)],
    ['a hundred thousand levels', Array.from({ length: 2000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n')],
    ['a file of two megabytes', `a: ${'x'.repeat(2_000_000)}`],
    ['a tag that makes something', 'a: !!js/function "function () {}"'],
    ['a tag for bytes', 'a: !!binary aGVsbG8='],
    ['a NUL', 'a: "\\0"'],
  ];

  it.each(bombs)('%s', (_what, text) => {
    const { ms, value } = timeOf(() => readYaml(text));
    expect(value).toMatchObject([{ line: expect.any(Number), allowed: expect.any(String) }]);
    expect(ms).toBeLessThan(10_000);
  });

  it('very many keys are read in time that grows with their number', () => {
    const text = Array.from({ length: 60_000 }, (_, i) => `k${i}: 1`).join('\n');
    expect(timeOf(() => readYaml(text)).ms).toBeLessThan(15_000);
  });
});

describe('paths lead nowhere else', () => {
  const folder = copyOfMappings();
  afterAll(folder.remove);
  const problemsOf = () => {
    const read = loadMappings(folder.dir);
    return read.ok
      ? []
      : read.error.map(({ file, path, found }) => `${file.split('/').at(-1)} ${path} ${found}`);
  };

  it.each(['../../../../etc/passwd', '/etc/passwd', 'lists/../../secrets.csv', '..\\..\\secrets.csv'])(
    'regression: a CSV of facts.yaml at %s is refused by its path, unread',
    (path) => {
      const facts = folder.read('facts.yaml');
      folder.write(
        'facts.yaml',
        `sources:\n  spy: { file: '${path}', key: domain, columns: { name: name } }\n`,
      );
      expect(problemsOf().join()).toContain('sources.spy.file');
      expect(JSON.stringify(problemsOf())).not.toContain('root:');
      folder.write('facts.yaml', facts);
    },
  );

  it.each(['../../../etc/passwd', 'models/mql-rubric', '__proto__', 'constructor', 'mql-rubric.yaml'])(
    'a champion named %s is a name that no file has',
    (name) => {
      const models = folder.read('models.yaml');
      folder.write('models.yaml', `champion: '${name}'\n`);
      expect(problemsOf().join()).toContain('models.yaml champion');
      folder.write('models.yaml', models);
    },
  );

  it('pipes, folders, devices and links to devices in the place of a file are refused unopened', () => {
    mkdirSync(join(folder.dir, 'folder.yaml'));
    symlinkSync('/dev/zero', join(folder.dir, 'zero.yaml'));
    expect(configText(join(folder.dir, 'folder.yaml')).ok).toBe(false);
    expect(configText(join(folder.dir, 'zero.yaml')).ok).toBe(false);
    expect(configText('/dev/zero').ok).toBe(false);
  });

  it('the folder of Salesforce metadata has only names of our own, whatever the fields are called', () => {
    const field = { object: 'Account', field: '../../../../tmp/evil__c', type: 'text', label: '<x>&' };
    for (const name of metadataFolder([field as never], true, '64.0').keys()) {
      expect(name).toMatch(
        /^(package\.xml|objects\/[A-Za-z_]+\.object|permissionsets\/[A-Za-z_]+\.permissionset)$/,
      );
    }
  });
});
