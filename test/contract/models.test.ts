import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { compareModels } from '../../src/models/diff-report.ts';
import { spanDifference } from '../../src/models/span-words.ts';
import type { Model } from '../../src/score/model.ts';
import { DAY, HOUR } from '../../src/shared/time.ts';
import { assessDirty } from '../../src/store/assess.ts';
import { scoreSpan } from '../../src/store/history.ts';
import { findAccount } from '../../src/store/read/find-account.ts';
import { accountPages } from '../../src/store/read/pages.ts';
import { storeStatus } from '../../src/store/read/status.ts';
import { wakeAll, wakeExpired, wakeOutdated } from '../../src/store/wake.ts';
import { factLookup } from '../../src/wiring/facts.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { event, group, NOON } from '../support/event.ts';
import { type Live, liveOn } from '../support/live.ts';
import { shippedPolicy } from '../support/policy.ts';
import { modelFromText, quickText } from '../support/variants.ts';

let database: TestDatabase;
let world: Live;
let rubric: Model;
const quick = modelFromText('quick', quickText());
const quickerText = quickText([
  'points: 15 points once\n    why: API',
  'points: 16 points once\n    why: API',
]);
const quicker = modelFromText('quick', quickerText);

beforeAll(async () => {
  database = await testDatabase();
  world = liveOn(database);
  rubric = world.mappings.champion;
});
afterAll(() => database.drop());
beforeEach(async () => {
  await world.empty();
  await database.db.query("DELETE FROM settings WHERE name NOT LIKE 'forget%'");
  runs(rubric);
  await wakeOutdated(world.scoring);
});

/** From now on these models run, as after a reload; nobody is scored yet. */
function runs(champion: Model, ...shadows: Model[]): void {
  const policy = { ...shippedPolicy(world.mappings), model: champion };
  world.scoring.policy = () => policy;
  world.scoring.shadows = () => shadows;
}

/** The same, with everybody scored again in the background. */
async function takeOver(champion: Model, ...shadows: Model[]): Promise<void> {
  runs(champion, ...shadows);
  await wakeOutdated(world.scoring);
  await world.score();
}

const does = (account: string, name: string) => event({ userId: `u-${account}`, accountId: account, name });
const WORKFLOW = 'Workflow Configured';

async function tasks(): Promise<string[]> {
  const rows = await database.db.query<{ of: string }>(
    `SELECT accounts.key || ' ' || crossing AS of FROM actions JOIN accounts ON accounts.id = account
     WHERE kind = 'task' ORDER BY 1`,
  );
  return rows.rows.map(({ of }) => of);
}

async function scores(model: string): Promise<string[]> {
  const rows = await database.db.query<{ of: string }>(
    `SELECT accounts.key || ' ' || value || ' ' || tier AS of FROM scores
     JOIN accounts ON accounts.id = account WHERE model = $1 ORDER BY 1`,
    [model],
  );
  return rows.rows.map(({ of }) => of);
}

async function versions(): Promise<string[]> {
  const rows = await database.db.query<{ of: string }>(
    `SELECT DISTINCT model || ' ' || version AS of FROM scores ORDER BY 1`,
  );
  return rows.rows.map(({ of }) => of);
}

describe('a shadow keeps scores and acts on nothing', () => {
  it('it has its own numbers, tiers and history', async () => {
    await takeOver(rubric, quick);
    await world.live([does('acme', WORKFLOW)]);
    expect([await scores('mql-rubric'), await scores('quick')]).toEqual([['acme 20 none'], ['acme 20 mql']]);
    expect(await tasks()).toEqual([]);
    const history = await database.db.query('SELECT model FROM score_history ORDER BY model');
    expect(history.rows.map(({ model }) => model)).toEqual(['mql-rubric', 'quick']);
  });

  it('I6: promoted, it fires for nobody who is above its line already, and for a later entry once', async () => {
    await takeOver(rubric, quick);
    await world.live([does('above', WORKFLOW)], [does('below', 'Signed In')]);
    await takeOver(quick, rubric);
    expect(await tasks()).toEqual([]);
    await world.live([does('above', 'API Integration Created')], [does('below', WORKFLOW)]);
    expect(await tasks()).toEqual(['below mql#1']);
    await world.live([does('below', WORKFLOW)]);
    expect(await tasks()).toEqual(['below mql#1']);
  });

  it('I6: demoted and promoted again it remembers what it acted on, and the next crossing has the next number', async () => {
    await takeOver(quick, rubric);
    await world.live([does('acme', WORKFLOW)]);
    await takeOver(rubric, quick);
    await takeOver(quick, rubric);
    expect(await tasks()).toEqual(['acme mql#1']);
    world.now += 91 * DAY;
    await wakeExpired(world.scoring);
    await world.score();
    expect(await scores('quick')).toEqual(['acme 0 none']);
    await world.live([does('acme', WORKFLOW)]);
    expect(await tasks()).toEqual(['acme mql#1', 'acme mql#2']);
  });

  it('never having run before, a new champion fires for nobody', async () => {
    await world.live([does('acme', WORKFLOW)]);
    await takeOver(quick);
    expect([await scores('quick'), await tasks()]).toEqual([['acme 20 mql'], []]);
  });

  it('I8: the CRM fields follow the new champion, although nobody did anything', async () => {
    await takeOver(rubric, quick);
    await world.live([does('acme', WORKFLOW)]);
    await takeOver(quick, rubric);
    const fields = await database.db.query(
      `SELECT payload::text AS payload FROM actions WHERE kind = 'fields'`,
    );
    expect(fields.rows.map(({ payload }) => JSON.parse(payload).account.fields.PQL_Tier__c)).toEqual(['mql']);
  });
});

describe('a model that was taken out', () => {
  it('keeps its history, and its old validity keeps nobody busy', async () => {
    await takeOver(rubric, quick);
    await world.live([does('acme', WORKFLOW)]);
    await takeOver(rubric);
    world.now += 100 * DAY;
    await wakeExpired(world.scoring);
    await world.score();
    expect(await scores('quick')).toEqual(['acme 20 mql']);
    expect(await wakeExpired(world.scoring)).toBe(0);
    const { accounts } = await storeStatus(database.db, new Date(world.now), null);
    expect(accounts.overdue).toBe(0);
    const found = await findAccount(database.db, 'acme');
    const span = await scoreSpan(database.db, found?.id ?? '', 'quick', null, world.now);
    expect(span.entries.map(({ value }) => value)).toEqual([20]);
  });

  it('and comes back in the same version is scored again for everybody, and fires for nobody', async () => {
    await takeOver(quick);
    await world.live([does('acme', 'Signed In')]);
    await takeOver(rubric);
    await world.live([does('acme', WORKFLOW)]);
    expect(await scores('quick')).toEqual(['acme 0 none']);
    await takeOver(quick);
    expect([await scores('quick'), await tasks()]).toEqual([['acme 20 mql'], []]);
  });
});

describe('decision 11: an event between a publication and the end of its rescoring', () => {
  it.each([
    [
      'does not fire where the model would have had the account above the line before',
      [WORKFLOW],
      'Signed In',
      [],
    ],
    ['fires where it is this event that crosses', ['Signed In'], WORKFLOW, ['acme mql#1']],
  ])('%s', async (_title, earlier, now, expected) => {
    await world.live(earlier.map((name) => does('acme', name)));
    runs(quick);
    await world.live([does('acme', now)]);
    expect(await scores('quick')).toEqual(['acme 20 mql']);
    await takeOver(quick);
    expect(await tasks()).toEqual(expected);
  });

  it('regression: fires also where the event came in before the last score and reached the journal after it', async () => {
    await world.live([does('acme', 'Signed In')]);
    await database.db.query(`UPDATE scores SET data_through = data_through + interval '1 second'`);
    runs(quick);
    await world.live([does('acme', WORKFLOW)]);
    expect(await tasks()).toEqual(['acme mql#1']);
  });

  it('an account that comes into being meanwhile is scored as ever', async () => {
    runs(quick);
    await world.live([does('fresh', WORKFLOW)]);
    expect(await tasks()).toEqual(['fresh mql#1']);
  });
});

describe('recompute --all --act', () => {
  it('acts on what the new model made, also after the rescoring, and once', async () => {
    await world.live([does('acme', WORKFLOW)]);
    await takeOver(quick);
    for (let times = 0; times < 2; times++) {
      await wakeAll(world.scoring, true);
      await world.score();
      expect(await tasks()).toEqual(['acme mql#1']);
    }
  });
});

describe('a model that changes under a running rescoring', () => {
  const six = () => [1, 2, 3, 4, 5, 6].map((n) => does(`a${n}`, WORKFLOW));

  it('every score names its version, and the sweep finds those of another', async () => {
    await world.live(six());
    runs(quick);
    await wakeOutdated(world.scoring);
    await assessDirty(world.scoring, 2);
    runs(quicker);
    await wakeOutdated(world.scoring);
    await assessDirty(world.scoring, 2);
    expect((await versions()).length).toBe(3);
    await takeOver(quicker);
    await wakeOutdated(world.scoring);
    await world.score();
    expect(await versions()).toContain(`quick ${quicker.version}`);
    expect(await versions()).not.toContain(`quick ${quick.version}`);
    expect(await tasks()).toEqual([]);
  });

  it('a worker that was late is found at the next sweep', async () => {
    await world.live(six());
    await takeOver(quicker);
    runs(quick);
    await wakeAll(world.scoring, false);
    await assessDirty(world.scoring, 3);
    await takeOver(quicker);
    expect(await versions()).not.toContain(`quick ${quick.version}`);
  });

  it('one batch has one configuration, whatever is in force when it ends', async () => {
    await world.live(six());
    await wakeAll(world.scoring, false);
    let asked = 0;
    const policy = shippedPolicy(world.mappings);
    world.scoring.policy = () => ({ ...policy, model: asked++ === 0 ? quick : quicker });
    await assessDirty(world.scoring, 100);
    expect((await versions()).filter((of) => of.startsWith('quick'))).toEqual([`quick ${quick.version}`]);
  });
});

describe('history', () => {
  it('keeps a gate that closed, although neither number nor tier changed, and says so between any two instants', async () => {
    await world.live([does('acme', WORKFLOW)]);
    const scoredAt = world.now;
    world.now += 8 * DAY;
    await wakeExpired(world.scoring);
    await world.score();
    await world.live([group('acme', { industry: 'Software' }, { userId: null })]);
    const { id } = (await findAccount(database.db, 'acme')) ?? { id: '' };
    const between = async (from: number, to: number) =>
      spanDifference(await scoreSpan(database.db, id, 'mql-rubric', from, to)).words;
    expect(await between(scoredAt, scoredAt + 8 * DAY)).toEqual([
      'the score stayed 20',
      'gate feature_depth_last_7_days: passed before, failed now (depth of use in the last 7 x 24 hours: last workflow_configured at 2026-03-02T12:00:00.000Z)',
    ]);
    expect(await between(scoredAt + 8 * DAY, world.now)).toEqual([
      'the score rose from 20 to 30 (+10)',
      'the tier changed: none to stage_1',
      '+10  industry: 0 to 10 (industry is not known -> target industry: Software)',
      'gate points_in_each_group: failed before, passed now (behaviour and fit both count)',
    ]);
    expect(await between(NOON - DAY, NOON - HOUR)).toEqual(['not scored before 2026-03-02T13:00:00.000Z']);
  });

  it('names the change of the model', async () => {
    await takeOver(quick);
    await world.live([does('acme', 'API Integration Created')]);
    const before = world.now;
    world.now += HOUR;
    await takeOver(quicker);
    const { id } = (await findAccount(database.db, 'acme')) ?? { id: '' };
    const span = await scoreSpan(database.db, id, 'quick', before, world.now);
    expect(spanDifference(span).words.slice(0, 2)).toEqual([
      `the model changed: version ${quick.version} to ${quicker.version}`,
      'the score rose from 15 to 16 (+1)',
    ]);
  });
});

describe('models diff', () => {
  it('goes over every account once, page by page, and its counts agree with each other', async () => {
    const many = Array.from({ length: 450 }, (_, n) => does(`a${n}`, n % 3 === 0 ? WORKFLOW : 'Signed In'));
    await world.live(many);
    const written = await database.db.query('SELECT count(*) AS rows FROM score_history');
    const comparison = compareModels(rubric, quick, world.now, 10);
    let pages = 0;
    for await (const page of accountPages(database.db, factLookup(null))) {
      pages += 1;
      for (const { state, ...account } of page) {
        comparison.add(account, state);
      }
    }
    const report = comparison.report();
    expect([pages, report.accounts, report.moved, report.rescored, report.same]).toEqual([
      3, 450, 150, 0, 300,
    ]);
    expect(report.matrix).toEqual({ none: { none: 300, mql: 150 } });
    expect(report.acting).toEqual({ enter: 150, leave: 0 });
    expect(report.moves.length).toBe(10);
    expect(report.moves[0]).toMatchObject({
      score: { from: 20, to: 20 },
      tier: { from: 'none', to: 'mql' },
      reason: 'mql begins at 85 -> 20',
    });
    expect(report.distribution).toEqual([
      { from: 0, to: 10, a: 300, b: 300 },
      { from: 10, to: 20, a: 0, b: 0 },
      { from: 20, to: 30, a: 150, b: 150 },
    ]);
    expect(await database.db.query('SELECT count(*) AS rows FROM score_history')).toMatchObject({
      rows: written.rows,
    });
  });
});
