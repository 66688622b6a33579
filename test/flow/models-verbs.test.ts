import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { HOUR, isoInstant } from '../../src/shared/time.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { event, group } from '../support/event.ts';
import { copyOfMappings, type Folder } from '../support/folder.ts';
import { liveOn } from '../support/live.ts';
import { runPql } from '../support/pql.ts';
import { quickText } from '../support/variants.ts';

let database: TestDatabase;
let folder: Folder;

beforeAll(async () => {
  database = await testDatabase();
  const world = liveOn(database);
  world.now = Date.now() - HOUR;
  await world.live([
    group('acme', { name: 'Acme', industry: 'Software' }, { userId: null }),
    event({ accountId: 'acme', name: 'Workflow Configured' }),
  ]);
});
afterAll(() => database.drop());
beforeEach(() => {
  folder = copyOfMappings();
  folder.write('models/quick.yaml', quickText());
});
afterEach(() => folder.remove());

/** The command as an operator runs it. */
const pql = (...args: string[]) => runPql(args, { DATABASE_URL: database.url, MAPPINGS_DIR: folder.dir });

describe('pql models test', () => {
  it('exits with 0 when all pass, with 1 and the difference when one fails, with 2 and the line when a file is wrong', async () => {
    expect(await pql('models', 'test', 'mql-rubric')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^\d+ passed, 0 failed\n$/),
    });
    folder.edit('models/mql-rubric.test.yaml', 'score: 140', 'score: 141');
    const failed = await pql('models', 'test');
    expect(failed).toMatchObject({ code: 1, out: expect.stringContaining('expected 141') });
    expect(failed.out).toContain('without tests: quick');
    const json = await pql('models', 'test', '--json');
    expect(JSON.parse(json.out)).toMatchObject({ ok: false, untested: ['quick'] });
    folder.edit('models/mql-rubric.test.yaml', 'score: 141', 'scores: 141');
    const wrong = await pql('models', 'test');
    expect(wrong).toMatchObject({
      code: 2,
      err: expect.stringMatching(/mql-rubric\.test\.yaml:\d+ cases\.0\.expect\.scores/),
    });
  });

  it('a model that is named and has no tests does not pass for tested; check names it', async () => {
    expect((await pql('models', 'test', 'quick')).code).toBe(1);
    expect(await pql('models', 'test', 'quik')).toMatchObject({
      code: 2,
      err: expect.stringContaining('did you mean "quick"'),
    });
    expect(await pql('check')).toMatchObject({ code: 0, out: expect.stringContaining('quick has no tests') });
  });
});

describe('pql models publish, list, log, rollback', () => {
  it('go together, and say what they did as JSON', async () => {
    const published = await pql(
      'models',
      'publish',
      'quick',
      '--reason',
      'more leads',
      '--author',
      'ann',
      '--json',
    );
    expect(JSON.parse(published.out)).toMatchObject({
      champion: 'quick',
      shadows: ['mql-rubric'],
      files: ['models.yaml'],
    });
    const { models } = JSON.parse((await pql('models', 'list', '--json')).out);
    expect(models.filter(({ role }: { role: string }) => role !== 'file')).toMatchObject([
      {
        model: 'quick',
        role: 'champion',
        accounts: { all: 0 },
        tested: false,
        published: expect.any(String),
      },
      { model: 'mql-rubric', role: 'shadow', accounts: { all: 1 }, tested: true },
    ]);
    expect((await pql('models', 'rollback', '--reason', 'too many')).code).toBe(0);
    const { publications } = JSON.parse((await pql('models', 'log', '--json')).out);
    expect(publications.map(({ how }: { how: string }) => how)).toEqual(['rollback', 'publish', 'file']);
  });

  it('bad input: wrong usage exits with 2 and says what is allowed', async () => {
    const wrong: [string, string][] = [
      ['models publish quick', '--reason'],
      ['models diff quick quik', 'did you mean "quick"'],
      ['models undo', 'allowed: list, test, diff'],
      ['explain acme --to 2026-03-02', '--from'],
      ['explain acme --from 2026-02-30', '--from: found 2026-02-30'],
    ];
    const ran = await Promise.all(wrong.map(([line]) => pql(...line.split(' '))));
    for (const [i, [line, shown]] of wrong.entries()) {
      expect([line, ran[i]]).toEqual([line, { code: 2, out: '', err: expect.stringContaining(shown) }]);
    }
  });
});

describe('pql status', () => {
  it('I11: a broken folder is shown beside everything else, and hides nothing', async () => {
    folder.edit('models.yaml', 'champion: mql-rubric', 'champion: mql-rubrik');
    const { code, out } = await pql('status');
    expect(code).toBe(0);
    expect(out).toContain('accounts  1,');
    expect(out).toContain('did you mean "mql-rubric"');
  });
});

describe('pql models diff and explain --from', () => {
  it('diff prints a text for a review, writes nothing, and exits with 0', async () => {
    const { code, out } = await pql('models', 'diff', 'mql-rubric', 'quick');
    expect(code).toBe(0);
    expect(out).toContain('1 account: 1 changes its tier');
    expect(out).toMatch(/acme +Acme +30 -> 30 +stage_1 -> mql/);
    const json = JSON.parse((await pql('models', 'diff', 'mql-rubric', 'quick', '--json')).out);
    expect(json).toMatchObject({ accounts: 1, acting: { enter: 1 } });
  });

  it('explain --from --to says in words what changed', async () => {
    const { code, out } = await pql('explain', 'acme', '--from', isoInstant(Date.now() - 24 * HOUR));
    expect(code).toBe(0);
    expect(out).toMatch(/^acme, mql-rubric: not scored before [^\n]+\n {2}then 30 points, stage_1\n$/);
  });
});
