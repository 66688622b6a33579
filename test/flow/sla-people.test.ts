import { afterEach, expect, it } from 'vitest';
import type { AccountView } from '../../src/api/account-view.ts';
import type { Mappings } from '../../src/mappings.ts';
import { HOUR } from '../../src/shared/time.ts';
import { NOON } from '../support/event.ts';
import { shippedMappings } from '../support/policy.ts';
import { person, pool, team } from '../support/team.ts';
import { qualifying, startWorld, type World } from '../support/world.ts';

const [ADA, BEN] = ['ada.rep@sandbox.example', 'ben.rep@sandbox.example'];
let world: World;
afterEach(() => world.stop());

/** Ada's manager is Ben, and tasks go to a pool. */
async function brokenPromise(people: string[], to: string): Promise<AccountView> {
  const shipped = shippedMappings();
  const toPool = <T extends Mappings['hubspot']>(mapping: T): T => ({
    ...mapping,
    task: { ...mapping.task, owner: [{ pool: 'sdr' }] },
  });
  const of = team(
    [{ ...pool([]), people }],
    [person('', { email: ADA, manager: BEN }), person('', { email: BEN })],
  );
  const sla = shipped.handoff.sla.map((rule) => ({ ...rule, escalate: { after: 0, to } }));
  world = await startWorld({
    mappings: {
      ...shipped,
      handoff: { ...shipped.handoff, sla, team: of },
      hubspot: toPool(shipped.hubspot),
      salesforce: toPool(shipped.salesforce),
    },
  });
  await world.send(...qualifying('acme', world.clock));
  await world.settle();
  world.clock.set(NOON + 24 * HOUR);
  await world.settle();
  return world.api<AccountView>('/accounts/acme');
}

function owners(): (string | undefined)[] {
  const [hubspot] = world.hubspot.records('tasks');
  const [salesforce] = world.salesforce.records('Task');
  return [
    world.hubspot.owners.find(({ id }) => id === hubspot?.properties.hubspot_owner_id)?.email,
    world.salesforce.records('User').find(({ Id }) => Id === salesforce?.OwnerId)?.Email as
      | string
      | undefined,
  ];
}

it('a broken promise goes to the next of the pool, the same in both CRMs, who has the account from then on', async () => {
  const { clocks } = await brokenPromise([ADA, BEN], 'next_owner');
  expect(owners()).toEqual([BEN, BEN]);
  expect(clocks[0]?.owner).toBe(BEN);
  const held = await world.database.db.query('SELECT person FROM assignments WHERE released_at IS NULL');
  expect(held.rows).toEqual([{ person: BEN }]);
});

it('or to the manager of whoever had it', async () => {
  await brokenPromise([ADA], 'manager');
  expect(owners()).toEqual([BEN, BEN]);
  expect(world.hubspot.records('tasks')[0]?.properties.hs_task_body).toContain(
    `It goes to ${BEN} (manager of ${ADA})`,
  );
});

it('and stays where it is, and says so, where nobody is the manager', async () => {
  await brokenPromise([BEN], 'manager');
  expect(owners()).toEqual([BEN, BEN]);
  expect(world.hubspot.records('tasks')[0]?.properties.hs_task_body).toContain(
    'It stays where it is: nobody else',
  );
});
