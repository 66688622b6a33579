import { rmSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loadMappings } from '../../src/mappings.ts';
import { type PublishDeps, publish, rollback } from '../../src/models/publish.ts';
import { modelFrom } from '../../src/models/source.ts';
import { silentLogger } from '../../src/shared/log.ts';
import { findVersion, knownVersions, listPublications } from '../../src/store/models.ts';
import { behind, noteInForce } from '../../src/wiring/in-force.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { NOON } from '../support/event.ts';
import { copyOfMappings, type Folder } from '../support/folder.ts';
import { quickText } from '../support/variants.ts';

let database: TestDatabase;
let folder: Folder;
let deps: PublishDeps;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.db.query('TRUNCATE publications, model_versions, audit');
  folder = copyOfMappings();
  folder.write('models/quick.yaml', quickText());
  deps = { db: database.db, dir: folder.dir, now: () => NOON };
});
afterEach(() => folder.remove());

const ann = { author: 'ann', reason: 'more of them' };
const ben = { author: 'ben', reason: 'too many' };

function loaded() {
  const read = loadMappings(folder.dir);
  if (!read.ok) {
    throw new Error(JSON.stringify(read.error));
  }
  return read.value;
}

/** What a service does at its start and at each reload. */
function start(): Promise<void> {
  const current = loaded();
  return noteInForce(
    database.db,
    () => current,
    folder.dir,
    () => NOON,
  )();
}

/** Oldest first. */
async function log(): Promise<string[]> {
  const rows = await listPublications(database.db, 100);
  return rows.reverse().map(({ how, champion, author }) => [how, champion, author].filter(Boolean).join(' '));
}

async function audit(): Promise<string[]> {
  const rows = await database.db.query<{ what: string }>('SELECT what FROM audit ORDER BY id');
  return rows.rows.map(({ what }) => what);
}

const done = <T>(result: { ok: true; value: T } | { ok: false; error: { why: string } }): T => {
  if (!result.ok) {
    throw new Error(result.error.why);
  }
  return result.value;
};

describe('publish', () => {
  it('edits models.yaml, keeps its comments, and notes who and why', async () => {
    await start();
    const said = done(await publish(deps, 'quick', ann, true));
    expect(said).toMatchObject({
      champion: 'quick',
      shadows: ['mql-rubric'],
      before: { champion: 'mql-rubric' },
      files: ['models.yaml'],
    });
    expect(folder.read('models.yaml')).toBe(
      '# yaml-language-server: $schema=schema/models.schema.json\n# Which models run. The champion acts (tasks, campaigns, CRM fields); shadows only keep scores.\nchampion: quick\nshadows: [mql-rubric]\n',
    );
    const [last] = await listPublications(database.db, 1);
    expect(last).toMatchObject({ how: 'publish', ...ann, version: loaded().champion.version });
    expect(await log()).toEqual(['file mql-rubric', 'publish quick ann']);
    expect(await audit()).toEqual(['model changed by file', 'model published']);
  });

  it('without a shadow the former champion keeps no more scores', async () => {
    done(await publish(deps, 'quick', ann, false));
    expect(loaded().shadows).toEqual([]);
  });

  it('a shadow that is published is no shadow any more', async () => {
    folder.edit('models.yaml', 'shadows: []', 'shadows: [quick]');
    done(await publish(deps, 'quick', ann, true));
    expect(loaded().shadows.map(({ model }) => model)).toEqual(['mql-rubric']);
  });

  it('the champion as it is, is nothing to publish; with another version of its file it is', async () => {
    await start();
    expect(await publish(deps, 'mql-rubric', ann, true)).toMatchObject({ ok: false });
    folder.edit('models/mql-rubric.yaml', 'from: 85', 'from: 90');
    done(await publish(deps, 'mql-rubric', ann, true));
    expect(await log()).toEqual(['file mql-rubric', 'publish mql-rubric ann']);
  });

  it('I11: a model that does not go with the other files is refused, and nothing is changed', async () => {
    folder.edit('models/quick.yaml', 'id: mql ', 'id: hot ');
    folder.edit('handoff.yaml', 'tier: any ', 'tier: burning ');
    const before = folder.read('models.yaml');
    const refused = await publish(deps, 'quick', ann, true);
    expect(refused.ok ? [] : refused.error.problems.map(({ found }) => found)).toEqual(['"no play for hot"']);
    expect(folder.read('models.yaml')).toBe(before);
    expect(await log()).not.toContain('publish quick ann');
  });

  it('a service that looks meanwhile takes it for no edit by hand', async () => {
    await start();
    await Promise.all([
      publish(deps, 'quick', ann, true),
      start(),
      publish(deps, 'quick', ann, true),
      start(),
    ]);
    await start();
    expect((await log()).filter((line) => line !== 'file mql-rubric')).toContain('publish quick ann');
    expect((await log()).filter((line) => line === 'file quick')).toEqual([]);
  });
});

describe('rollback', () => {
  it('restores the champion before, its shadows, and its file as it was', async () => {
    folder.edit('models.yaml', 'shadows: []', 'shadows: [quick]');
    await start();
    const rubric = folder.read('models/mql-rubric.yaml');
    const { version } = loaded().champion;
    done(await publish(deps, 'quick', ann, true));
    folder.edit('models/mql-rubric.yaml', 'from: 85', 'from: 90');
    const said = done(await rollback(deps, ben));
    expect(said).toMatchObject({
      champion: 'mql-rubric',
      version,
      shadows: ['quick'],
      files: ['models/mql-rubric.yaml', 'models.yaml'],
    });
    expect(folder.read('models/mql-rubric.yaml')).toBe(rubric);
    expect(await log()).toEqual(['file mql-rubric', 'publish quick ann', 'rollback mql-rubric ben']);
  });

  it('brings a file back that was deleted', async () => {
    await start();
    const rubric = folder.read('models/mql-rubric.yaml');
    done(await publish(deps, 'quick', ann, false));
    rmSync(`${folder.dir}/models/mql-rubric.yaml`);
    done(await rollback(deps, ben));
    expect(folder.read('models/mql-rubric.yaml')).toBe(rubric);
  });

  it('a file that only its comments tell apart stays as it is', async () => {
    await start();
    done(await publish(deps, 'quick', ann, true));
    const remarked = `# a remark\n${folder.read('models/mql-rubric.yaml')}`;
    folder.write('models/mql-rubric.yaml', remarked);
    expect(done(await rollback(deps, ben)).files).toEqual(['models.yaml']);
    expect(folder.read('models/mql-rubric.yaml')).toBe(remarked);
  });

  it('undoes an edit of the champion’s own file', async () => {
    await start();
    const rubric = folder.read('models/mql-rubric.yaml');
    folder.edit('models/mql-rubric.yaml', 'from: 85', 'from: 90');
    await start();
    done(await rollback(deps, ben));
    expect(folder.read('models/mql-rubric.yaml')).toBe(rubric);
    expect(await log()).toEqual(['file mql-rubric', 'file mql-rubric', 'rollback mql-rubric ben']);
  });

  it('again goes one further back, and never forward; at the end it refuses', async () => {
    folder.write('models/third.yaml', quickText().replace('model: quick', 'model: third'));
    await start();
    done(await publish(deps, 'quick', ann, true));
    done(await publish(deps, 'third', ann, true));
    expect(done(await rollback(deps, ben)).champion).toBe('quick');
    expect(done(await rollback(deps, ben)).champion).toBe('mql-rubric');
    expect(await rollback(deps, ben)).toMatchObject({
      ok: false,
      error: { why: 'there is nothing to roll back to: no other champion was in force before' },
    });
  });

  it('says when the same file no longer makes the same version', async () => {
    await start();
    done(await publish(deps, 'quick', ann, true));
    folder.edit(
      'signals.yaml',
      'workflow_configured: { events: [Workflow Configured], count: once',
      'workflow_configured: { events: [Workflow Configured], count: each',
    );
    expect(done(await rollback(deps, ben)).note).toContain('signals.yaml counts in another way since');
  });
});

describe('two processes whose folders differ', () => {
  it('the one whose folder is older leaves the rescoring to the other, instead of undoing it for ever', async () => {
    const old = loaded();
    await start();
    const isBehind = behind(database.db, () => old, silentLogger());
    expect(await isBehind()).toBe(false);
    folder.write('models.yaml', 'champion: quick\n');
    await start();
    expect(await isBehind()).toBe(true);
    expect(await behind(database.db, loaded, silentLogger())()).toBe(false);
  });
});

describe('versions', () => {
  it('every version that was loaded is kept with its text; comments make none', async () => {
    await start();
    const first = folder.read('models/quick.yaml');
    folder.write('models/quick.yaml', `# a remark\n${first}`);
    await start();
    folder.edit('models/quick.yaml', 'from: 20', 'from: 25');
    await start();
    const quick = (await knownVersions(database.db)).filter(({ model }) => model === 'quick');
    expect(quick.length).toBe(2);
    const texts = await Promise.all(
      quick.map(async ({ version }) => (await findVersion(database.db, 'quick', version))?.text),
    );
    expect(texts).toContain(first);
  });

  it('a change of shadows by file is noted, and is no publication', async () => {
    await start();
    folder.edit('models.yaml', 'shadows: []', 'shadows: [quick]');
    await start();
    expect(await log()).toEqual(['file mql-rubric']);
    expect(await audit()).toEqual(['model changed by file', 'shadows changed by file']);
  });

  it('a model is meant by its name, by name@version, or by the path of a copy under any name', async () => {
    await start();
    const { version } = loaded().champion;
    folder.edit('models/mql-rubric.yaml', 'from: 85', 'from: 90');
    folder.write('proposal.yaml', quickText(['from: 20', 'from: 21']));
    const meant = async (asked: string) => {
      const found = await modelFrom(database.db, loaded(), asked);
      return found.ok
        ? `${found.value.model.model} ${found.value.model.tiers.at(-1)?.from}`
        : found.error.why;
    };
    expect(await meant('mql-rubric')).toBe('mql-rubric 90');
    expect(await meant(`mql-rubric@${version}`)).toBe('mql-rubric 85');
    expect(await meant(`mql-rubric@${version.slice(0, 6)}`)).toBe('mql-rubric 85');
    expect(await meant(`${folder.dir}/proposal.yaml`)).toBe('quick 21');
    expect(await meant('mql-rubrik')).toContain('did you mean "mql-rubric"');
    expect(await meant('mql-rubric@nope')).toContain('a version that was loaded here once');
  });
});
