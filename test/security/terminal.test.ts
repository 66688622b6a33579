import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { table } from '../../src/cli/table.ts';
import { oneLine, shownJson, shownOnLine, shownText } from '../../src/shared/shown-text.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { event, group } from '../support/event.ts';
import { liveOn } from '../support/live.ts';
import { runPql } from '../support/pql.ts';
import { parsedSources } from '../support/syntax.ts';

/** Clears the screen, sets the title, writes to the clipboard; C1 controls do the same; the last ones turn the text round. */
const EVIL = [
  '\u001b[2J\u001b[H',
  '\u001b]0;title\u0007',
  '\u001b]52;c;cm0gLXJm\u0007',
  '\u009b2J',
  '\u009d0;title\u009c',
  '\r\b\b\b',
  '\u202egnp.exe',
  '\u2066x\u2069',
  '\u007f',
];
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about
const DRIVES = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

describe('text of others cannot drive a terminal', () => {
  it.each(EVIL)('%j is shown, as text and as JSON, and does nothing', (evil) => {
    expect(shownText(`a${evil}b`)).not.toMatch(DRIVES);
    expect(shownJson({ name: evil })).not.toMatch(DRIVES);
    expect(JSON.parse(shownJson({ name: evil }))).toEqual({ name: evil });
    expect(oneLine(`a${evil}b`)).not.toMatch(DRIVES);
  });

  it('letters, emoji, line feeds and tabs of our own stay', () => {
    expect(shownText('Müller 株式会社 🦊 עברית\n\tx')).toBe('Müller 株式会社 🦊 עברית\n\tx');
  });

  it('a name with a line feed cannot pose as a line of a table', () => {
    const lines = table(['account'], [['acme\nadmin  999'], ['b\u2028c']]).split('\n');
    expect(lines).toEqual(['account', 'acme\\nadmin  999', 'b\\u2028c']);
    expect(shownOnLine('a\r\nb')).toBe('a\\u000d\\nb');
  });

  it('verbs print through one place, which takes the controls out', () => {
    const direct = parsedSources().flatMap((source) =>
      source
        .nodes('CallExpression')
        .filter((node) => /^(process\.(stdout|stderr)\.write|console\.\w+)\(/.test(source.textOf(node)))
        .map((node) => `${source.file}: ${source.textOf(node).split('\n')[0]}`),
    );
    const allowed = [
      /^cli\/command\.ts: process\.std(out|err)\.write\(`\$\{shown(Text|Json)\(/,
      // Waits for what was printed.
      /^cli\/pql\.ts: process\.stdout\.write\('', /,
      // Numbers and words of our own.
      /^cli\/models\/diff\.ts: process\.stderr\.write\(`\$\{done\} of \$\{total\} accounts compared\$\{end\}`\)$/,
      /^cli\/verbs\/demo\.ts: process\.stderr\.write\(`\$\{lines\.join/,
    ];
    expect(direct.filter((found) => !allowed.some((pattern) => pattern.test(found)))).toEqual([]);
  });

  it('the log escapes them and stays one line a message', () => {
    const evil = JSON.stringify(`${EVIL.join('')}\n{"level":60}`);
    const code = `import('./src/shared/log.ts').then(({ createLogger }) => createLogger('info').info({ reason: ${evil} }, ${evil}))`;
    const { stderr } = spawnSync(process.execPath, ['-e', code], { encoding: 'utf8' });
    expect(stderr).not.toMatch(DRIVES);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(JSON.parse(stderr)).toMatchObject({ msg: JSON.parse(evil), reason: JSON.parse(evil) });
  });
});

describe('the verbs, with an account that was named to do harm', () => {
  let database: TestDatabase;
  const KEY = `acme\u001b[2J\nforged  100  mql`;
  beforeAll(async () => {
    database = await testDatabase();
    const world = liveOn(database);
    await world.live([
      group(
        KEY,
        { name: `Evil${EVIL.join('')}\nforged`, industry: `Software${EVIL.join('')}` },
        { userId: 'u' },
      ),
      event({
        name: 'Workflow Configured',
        userId: 'u',
        accountId: KEY,
        properties: { workflow_id: EVIL.join('') },
      }),
    ]);
  });
  afterAll(() => database.drop());

  it.each([
    [['accounts']],
    [['explain', KEY]],
    [['explain', KEY, '--json']],
    [['errors', 'show', `none${EVIL.join('')}`]],
    [[`no-verb${EVIL.join('')}`]],
  ])('pql %j prints none of it', async (args) => {
    const { out, err } = await runPql(args, { DATABASE_URL: database.url, PQL_DATA_DIR: '/nonexistent' });
    expect(`${out}${err}`.length).toBeGreaterThan(5);
    expect(`${out}${err}`).not.toMatch(DRIVES);
    expect(out.split('\n').filter((line) => line.startsWith('forged'))).toEqual([]);
  });
});
