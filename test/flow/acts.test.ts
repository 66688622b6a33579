import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DAY } from '../../src/shared/time.ts';
import { asRep } from '../support/rep.ts';
import { personOf, qualifying, startWorld, type World } from '../support/world.ts';

interface Acts {
  actions: { kind: string; crm: string; state: string; reason: string }[];
}

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world.stop());

const hubspotTasks = () => world.hubspot.records('tasks').map(({ properties }) => properties);
const tasks = () => world.salesforce.records('Task');
const ada = () => personOf('acme', 'ada-acme', world.clock);

async function acts(kind: string): Promise<string[]> {
  const { actions } = await world.api<Acts>('/accounts/acme');
  return actions.filter((one) => one.kind === kind).map(({ crm, state }) => `${crm} ${state}`);
}

async function qualified(): Promise<void> {
  await world.send(...qualifying('acme', world.clock));
  await world.settle();
}

describe('the owner of the account has the task', () => {
  it('in both CRMs, and the act says so; one who left has not', async () => {
    world.hubspot.seed([
      { object: 'companies', properties: { domain: 'acme.example', hubspot_owner_id: '101' } },
    ]);
    const former = world.salesforce.records('User').find(({ IsActive }) => IsActive === false);
    world.salesforce.seed('Account', { Name: 'Acme', Website: 'https://acme.example', OwnerId: former?.Id });
    await qualified();
    expect(hubspotTasks()).toMatchObject([{ hubspot_owner_id: '101', hs_task_type: 'TODO' }]);
    expect(tasks()[0]?.OwnerId).not.toBe(former?.Id);
    const { actions } = await world.api<Acts>('/accounts/acme');
    const reasons = actions
      .filter(({ kind }) => kind === 'task')
      .map(({ crm, reason }) => `${crm}: ${reason}`);
    expect(reasons.sort()).toEqual([
      expect.stringMatching(/^hubspot: .*\(ada\.rep@sandbox\.example: owner of the account\)$/),
      expect.stringMatching(/^salesforce: .*\(no owner: the owner of the account, .* is inactive\)$/),
    ]);
  });
});

describe('what happens to the account later', () => {
  it('it buys: its tasks are closed with a line that says why, once, and nothing a rep wrote is lost', async () => {
    await qualified();
    const [task] = world.hubspot.records('tasks');
    await asRep(world.hubspot, task?.id, { hs_task_subject: 'Called Ada' });
    await world.send(ada().track('Subscription Started'));
    await world.settle();
    await world.send(ada().track('Subscription Started'));
    await world.settle();
    expect(hubspotTasks()).toMatchObject([{ hs_task_status: 'COMPLETED', hs_task_subject: 'Called Ada' }]);
    expect(hubspotTasks()[0]?.hs_task_body?.split('became a customer')).toHaveLength(2);
    expect(tasks()).toMatchObject([{ Status: 'Completed', IsClosed: true }]);
    expect(tasks()[0]?.Description).toMatch(/invited 4 teammates[\s\S]*became a customer/);
    expect((await acts('close')).sort()).toEqual(['hubspot done', 'salesforce done']);
  });

  it('it cools: its open task says so and stays open; a task that the rep has closed stays as it is', async () => {
    await qualified();
    const [task] = world.hubspot.records('tasks');
    await asRep(world.hubspot, task?.id, { hs_task_status: 'COMPLETED' });
    const before = hubspotTasks()[0]?.hs_task_body;
    world.clock.advance(7 * DAY);
    await world.settle();
    expect(tasks()).toMatchObject([{ Status: 'Not Started' }]);
    expect(tasks()[0]?.Description).toMatch(/2026-03-09: cooled to stage_2 with 85 points\./);
    expect(hubspotTasks()[0]?.hs_task_body).toBe(before);
    expect((await acts('note')).sort()).toEqual(['hubspot skipped', 'salesforce done']);
  });

  it('I6: it buys while the answer about its task is lost: the task is found, and closed', async () => {
    const { hubspot, salesforce } = world;
    hubspot.faults.add({ path: '*/tasks/batch/create', reset: 'after' });
    salesforce.faults.add({ path: '*/composite/sobjects/Task*', reset: 'after' });
    await world.send(...qualifying('acme', world.clock));
    await world.until(() => hubspotTasks().length + tasks().length >= 2);
    for (const { faults } of [hubspot, salesforce]) {
      faults.add({ path: '*', times: 'always', reply: { status: 503, body: '' } });
    }
    await world.send(ada().track('Subscription Started'));
    await world.until(async () => (await acts('close')).length > 0);
    hubspot.faults.clear();
    salesforce.faults.clear();
    await world.settle();
    expect(tasks()).toMatchObject([{ IsClosed: true }]);
    expect(hubspotTasks()).toMatchObject([{ hs_task_status: 'COMPLETED' }]);
  });

  it('it buys before its task could be made: no task is made', async () => {
    world.hubspot.faults.add({ path: '*', times: 'always', reply: { status: 502, body: '' } });
    await world.send(...qualifying('acme', world.clock));
    await world.until(() => tasks().length > 0);
    await world.send(ada().track('Subscription Started'));
    await world.until(() => tasks()[0]?.IsClosed === true);
    world.hubspot.faults.clear();
    await world.settle();
    expect(hubspotTasks()).toEqual([]);
    expect(await acts('task')).toEqual(expect.arrayContaining(['hubspot skipped', 'salesforce done']));
  });
});
