import { afterEach, describe, expect, it } from 'vitest';
import type { Pool, Team } from '../../src/decide/handoff/team.ts';
import type { Mappings } from '../../src/mappings.ts';
import { DAY } from '../../src/shared/time.ts';
import { shippedMappings } from '../support/policy.ts';
import { person, pool, team } from '../support/team.ts';
import { qualifying, startWorld, type World } from '../support/world.ts';

const rep = (name: string) => `${name}.rep@sandbox.example`;

/** Reps of the stand-ins, which both know Ada and Ben. */
const sdr = (over: Partial<Pool> = {}) => ({ ...pool([]), people: [rep('ada'), rep('ben')], ...over });

let world: World;
afterEach(() => world.stop());

/** The shipped configuration, with tasks that go to a pool. */
async function start(of: Team): Promise<void> {
  const shipped = shippedMappings();
  const toPool = <T extends Mappings['hubspot']>(mapping: T): T => ({
    ...mapping,
    task: { ...mapping.task, owner: [{ pool: 'sdr' }] },
  });
  world = await startWorld({
    mappings: {
      ...shipped,
      handoff: { ...shipped.handoff, team: of },
      hubspot: toPool(shipped.hubspot),
      salesforce: toPool(shipped.salesforce),
    },
  });
}

async function qualified(...accounts: string[]): Promise<void> {
  for (const account of accounts) {
    await world.send(...qualifying(account, world.clock));
    await world.settle();
  }
}

/** By subject: who has the task in HubSpot, and in Salesforce. */
function owners(): string[] {
  const users = new Map(world.salesforce.records('User').map(({ Id, Email }) => [Id, String(Email)]));
  const inHubspot = world.hubspot.records('tasks').map(({ properties }) => {
    const owner = world.hubspot.owners.find(({ id }) => id === properties.hubspot_owner_id);
    return [String(properties.hs_task_subject), owner?.email ?? 'nobody'] as const;
  });
  const inSalesforce = new Map(
    world.salesforce
      .records('Task')
      .map((task) => [String(task.Subject), users.get(String(task.OwnerId)) ?? '']),
  );
  const short = (email: string) => email.replace('.rep@sandbox.example', '');
  return inHubspot
    .map(
      ([subject, email]) =>
        `${/acme|bolt|corp|dyno/.exec(subject)?.[0]}: ${short(email)} ${short(inSalesforce.get(subject) ?? '')}`,
    )
    .sort();
}

async function deactivate(name: string): Promise<void> {
  for (const owner of world.hubspot.owners.filter(({ email }) => email === rep(name))) {
    owner.archived = true;
  }
  const user = world.salesforce.records('User').find(({ Email }) => Email === rep(name));
  world.salesforce.touch('User', user?.Id ?? '', { IsActive: false });
}

interface Account {
  route: { owner: string | null; ownerWhy: string | null };
}

it('both CRMs name the same person, the account shows who and why, and a replay gives nobody anything (S1-56)', async () => {
  await start(team([sdr()]));
  await qualified('acme', 'bolt', 'corp');
  expect(owners()).toEqual(['acme: ada ada', 'bolt: ben ben', 'corp: ada ada']);
  const { route } = await world.api<Account>('/accounts/bolt');
  expect(route).toMatchObject({ owner: rep('ben'), ownerWhy: expect.stringContaining('of the pool sdr') });
  const { accounts } = await world.api<{ accounts: { key: string }[] }>(`/accounts?owner=${rep('ben')}`);
  expect(accounts.map(({ key }) => key)).toEqual(['bolt']);
  const kept = () => world.database.db.query('SELECT * FROM assignments ORDER BY id');
  const before = (await kept()).rows;
  await world.service.replay({ kind: 'all' }, () => {});
  await world.settle();
  expect((await kept()).rows).toEqual(before);
});

describe('between the choice and the task', () => {
  it('I6: a rep is deactivated: the next one gets it, in both CRMs, each task once, and the record says why', async () => {
    await start(team([sdr()]));
    world.hubspot.faults.add({
      path: '*/tasks/batch/create',
      times: 'always',
      reply: { status: 503, body: '' },
    });
    world.salesforce.faults.add({
      path: '*/composite/sobjects/Task*',
      times: 'always',
      reply: { status: 503, body: '' },
    });
    await world.send(...qualifying('acme', world.clock));
    const chosen = () => world.database.db.query('SELECT 1 FROM actions WHERE assignee = $1', [rep('ada')]);
    await world.until(async () => (await chosen()).rowCount === 2);
    await deactivate('ada');
    world.hubspot.faults.clear();
    world.salesforce.faults.clear();
    await world.settle();
    expect(owners()).toEqual(['acme: ben ben']);
    const { rows } = await world.database.db.query(
      'SELECT person, released_why FROM assignments ORDER BY id',
    );
    expect(rows).toEqual([
      { person: rep('ada'), released_why: expect.stringContaining(`${rep('ada')} inactive or unknown`) },
      { person: rep('ben'), released_why: null },
    ]);
  });
});

it('S1-53: full weeks and absences go by without new accounts, and who has one keeps it', async () => {
  const out = [{ from: '2026-03-10', to: '2026-03-20' }];
  await start(team([sdr({ aWeek: 1 })], [{ ...person(''), email: rep('ada'), out }]));
  await qualified('acme', 'bolt', 'corp');
  const { route } = await world.api<Account>('/accounts/corp');
  const reasons = await world.api<{ actions: { kind: string; reason: string }[] }>('/accounts/corp');
  expect(owners().slice(0, 2)).toEqual(['acme: ada ada', 'bolt: ben ben']);
  expect(route.owner).toBeNull();
  expect(reasons.actions.filter(({ kind }) => kind === 'task').map(({ reason }) => reason)).toEqual([
    expect.stringContaining('full (1 of 1 new tasks this week)'),
    expect.stringContaining('full (1 of 1 new tasks this week)'),
  ]);
  world.clock.advance(8 * DAY);
  await qualified('dyno');
  expect(owners().at(-1)).toBe('dyno: ben ben');
});
