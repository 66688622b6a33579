import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../../src/shared/log.ts';
import { ok } from '../../src/shared/result.ts';
import { fingerprint, startReload } from '../../src/wiring/reload.ts';
import { copyOfMappings, type Folder } from '../support/folder.ts';
import { shippedMappings } from '../support/policy.ts';
import { quickText } from '../support/variants.ts';
import { personOf, qualifying, startWorld, type World } from '../support/world.ts';

let folder: Folder;
let world: World;

beforeEach(async () => {
  folder = copyOfMappings();
  folder.write('models/quick.yaml', quickText());
  world = await startWorld({ folder: folder.dir, every: null });
});
afterEach(async () => {
  await world.stop();
  folder.remove();
});

interface Shown {
  score: { model: string; version: string; value: number; tier: string } | null;
}

const score = async (key: string, model = '') =>
  (await world.api<Shown>(`/accounts/${key}${model === '' ? '' : `?model=${model}`}`)).score;
const ready = async () => (await fetch(`${world.service.url}/readyz`)).json();
const tasks = () => world.hubspot.records('tasks').length;

/** A workflow and nothing else: 20 points. */
const workflow = (account: string) =>
  personOf(account, `u-${account}`, world.clock).track('Workflow Configured');

describe('I11: a broken configuration is refused, and the last good one goes on', () => {
  it('it is named with file and line in the status, shown as degraded, and taken back with the repair', async () => {
    folder.edit('models/mql-rubric.yaml', 'points: 20 points once', 'points: twenty');
    expect(await world.service.reload()).toBe('refused');
    expect(await ready()).toMatchObject({ ready: true, configuration: 'degraded' });
    const { configuration } = await world.service.status();
    const line = folder.read('models/mql-rubric.yaml').split('\n').indexOf('    points: twenty') + 1;
    expect(line).toBeGreaterThan(1);
    expect(configuration.refused.flatMap(({ problems }) => problems)).toMatchObject([
      { path: 'rules.2.points', line, found: '"twenty"' },
    ]);
    await world.send(workflow('acme'));
    await world.settle();
    expect(await score('acme')).toMatchObject({ value: 20 });

    folder.edit('models/mql-rubric.yaml', 'points: twenty', 'points: 20 points once');
    expect(await world.service.reload()).toBe('unchanged');
    expect(await ready()).toMatchObject({ configuration: 'ok' });
    expect((await world.service.status()).configuration).toEqual({ state: 'ok', refused: [] });
  });

  it('a mapping that the CRM’s schema contradicts is refused too', async () => {
    folder.edit(
      'hubspot.yaml',
      'pql_score: { from: score.value, type: number }',
      'pql_score: { from: score.value, type: text }',
    );
    expect(await world.service.reload()).toBe('refused');
    const { configuration } = await world.service.status();
    expect(configuration.refused[0]?.problems[0]).toMatchObject({ path: 'company.fields.pql_score' });
    await world.send(...qualifying('acme', world.clock));
    await world.settle();
    expect(world.hubspot.records('companies')[0]?.properties.pql_score).toBe('85');
  });
});

describe('a good configuration takes over', () => {
  it('a changed model: every account is scored again, and nothing fires', async () => {
    await world.send(...['acme', 'initech'].map(workflow));
    await world.settle();
    folder.edit('models/mql-rubric.yaml', 'from: 85', 'from: 20');
    folder.edit('models/mql-rubric.yaml', 'from: 30', 'from: 10');
    folder.edit('models/mql-rubric.yaml', 'from: 60', 'from: 15');
    folder.edit(
      'models/mql-rubric.yaml',
      'requires: [feature_depth_last_7_days, points_in_each_group]',
      'requires: []',
    );
    const before = await score('acme');
    expect(await world.service.reload()).toBe('taken');
    await world.settle();
    expect(await score('acme')).toMatchObject({ value: 20, tier: 'mql' });
    expect((await score('acme'))?.version).not.toBe(before?.version);
    expect(tasks()).toBe(0);
    await world.send(workflow('newcomer'));
    await world.settle();
    expect(tasks()).toBe(1);
  });

  it('another champion: routes, scores and CRM fields are its own from then on, the old one is a shadow', async () => {
    await world.send(workflow('acme'));
    await world.settle();
    folder.write('models.yaml', 'champion: quick\nshadows: [mql-rubric]\n');
    expect(await world.service.reload()).toBe('taken');
    await world.settle();
    expect([await score('acme'), await score('acme', 'mql-rubric')]).toMatchObject([
      { model: 'quick', tier: 'mql' },
      { model: 'mql-rubric', tier: 'none' },
    ]);
    expect(tasks()).toBe(0);
    const page = await world.api<{ accounts: { tier: string }[] }>('/accounts?tier=mql');
    expect(page.accounts.length).toBe(1);
    const shadow = await world.api<{ accounts: { tier: string }[] }>('/accounts?model=mql-rubric');
    expect(shadow.accounts).toMatchObject([{ key: 'acme', tier: 'none' }]);
  });

  it('changed signals: everybody is folded again from the journal', async () => {
    await world.send(personOf('acme', 'ann', world.clock).track('Automation Built'));
    await world.settle();
    expect(await score('acme')).toMatchObject({ value: 0 });
    folder.edit(
      'signals.yaml',
      'events: [Workflow Configured]',
      'events: [Workflow Configured, Automation Built]',
    );
    expect(await world.service.reload()).toBe('taken');
    await world.settle();
    expect(await score('acme')).toMatchObject({ value: 20 });
  });

  it('regression: a new place of account ids: receivers read it from the next call on', async () => {
    folder.edit('accounts.yaml', 'account_id_at: []', 'account_id_at: [properties.slack_team]');
    expect(await world.service.reload()).toBe('taken');
    const track = personOf('', 'ann', world.clock).track('Signed In', { slack_team: 'T024BE7LD' });
    await world.send({ ...track, context: {} });
    await world.settle();
    expect(await world.api('/accounts/T024BE7LD')).toMatchObject({ account: { key: 'T024BE7LD' } });
  });

  it('a changed mapping: the CRM gets other fields from the next change on', async () => {
    await world.send(...qualifying('acme', world.clock));
    await world.settle();
    folder.edit(
      'hubspot.yaml',
      'pql_tier: { from: score.tier, type: text }',
      'pql_band: { from: score.tier, type: text }',
    );
    expect(await world.service.reload()).toBe('taken');
    await world.send(
      personOf('acme', 'ada-acme', world.clock).track('Limit Breach Attempted', { limit: 'seats' }),
    );
    await world.settle();
    expect(world.hubspot.records('companies')[0]?.properties).toMatchObject({
      pql_score: '110',
      pql_band: 'mql',
    });
  });

  it('the history of an account tells the change of the model apart from behaviour', async () => {
    await world.send(workflow('acme'));
    await world.settle();
    const from = new Date(world.clock.now()).toISOString();
    world.clock.advance(1000);
    folder.edit('models/mql-rubric.yaml', 'points: 20 points once', 'points: 22 points once');
    await world.service.reload();
    await world.settle();
    const { words, entries } = await world.api<{ words: string[]; entries: object[] }>(
      `/accounts/acme/history?from=${from}`,
    );
    expect(words[0]).toMatch(/^the model changed: version [0-9a-f]{16} to [0-9a-f]{16}$/);
    expect(words.slice(1, 3)).toEqual([
      'the score rose from 20 to 22 (+2)',
      '+2  workflow: 20 to 22 (workflow configured, the last on 2026-03-02)',
    ]);
    expect(entries.length).toBe(2);
    const refused = await fetch(`${world.service.url}/api/v1/accounts/acme/history?from=yesterday`);
    expect(refused.status).toBe(400);
  });
});

describe('by itself', () => {
  it('a change is taken once two looks in a row found the same', async () => {
    await world.stop();
    world = await startWorld({ folder: folder.dir, every: 100 });
    await world.send(workflow('acme'));
    await world.settle();
    folder.write('models.yaml', 'champion: quick\n');
    for (let tries = 0; (await score('acme'))?.model !== 'quick' && tries < 100; tries++) {
      await sleep(50);
    }
    await world.settle();
    expect(await score('acme')).toMatchObject({ model: 'quick', tier: 'mql' });
    folder.write('models.yaml', 'champion: quik\n');
    await expect.poll(ready, { timeout: 5000 }).toMatchObject({ ready: true, configuration: 'degraded' });
  });

  it('an edit between loading and following is not overlooked', async () => {
    const loadedFrom = fingerprint(folder.dir);
    const mappings = shippedMappings(folder.dir);
    folder.write('models.yaml', 'champion: quick\n');
    const reload = startReload({
      ...{ dir: folder.dir, mappings, loadedFrom, every: null, logger: silentLogger(), realNow: Date.now },
      prepare: async () => ok(() => {}),
      report: async () => {},
      taken: async () => {},
    });
    expect(await reload.now()).toBe('taken');
    expect(reload.current().champion.model).toBe('quick');
    await reload.close();
  });
});
