import { afterEach, beforeEach, expect, it } from 'vitest';
import type { AccountView } from '../../src/api/account-view.ts';
import { HOUR, isoInstant, MINUTE } from '../../src/shared/time.ts';
import { log } from '../support/engagements.ts';
import { NOON } from '../support/event.ts';
import { asRep } from '../support/rep.ts';
import { qualifying, startWorld, type World } from '../support/world.ts';

let world: World;
beforeEach(async () => {
  world = await startWorld();
  await world.send(...qualifying('acme', world.clock));
  await world.settle();
});
afterEach(() => world.stop());

async function lookAt(time: number): Promise<AccountView['clocks'][number] | undefined> {
  world.clock.set(time);
  await world.database.db.query('UPDATE crm_feeds SET next_at = now()');
  await world.database.db.query('UPDATE crm_watches SET next_at = now()');
  await world.settle();
  return (await world.api<AccountView>('/accounts/acme')).clocks[0];
}

it('S3-30: a call that a rep logs in HubSpot ends the clock at the time of the call, also after a breach was told', async () => {
  const told = await lookAt(NOON + 24 * HOUR);
  expect([told?.state, told?.breachTold]).toEqual(['breached', '2026-03-03T12:00:00.000Z']);
  await log(world.hubspot, 'calls', world.hubspot.records('companies')[0]?.id ?? '', {
    hs_timestamp: isoInstant(NOON + 2 * HOUR),
    hs_call_direction: 'OUTBOUND',
    hubspot_owner_id: '101',
  });
  expect(await lookAt(NOON + 24 * HOUR + 20 * MINUTE)).toMatchObject({
    state: 'met',
    touch: 'call',
    touched: '2026-03-02T14:00:00.000Z',
    words: 'call in time, 22 h left, logged after the breach was told',
  });
});

it('our task, closed by a rep, ends it; opened again, the promise runs on', async () => {
  const task = world.hubspot.records('tasks')[0]?.id;
  world.clock.set(NOON + HOUR);
  await asRep(world.hubspot, task, { hs_task_status: 'COMPLETED' });
  expect(await lookAt(NOON + HOUR + 10 * MINUTE)).toMatchObject({ state: 'met', touch: 'task' });
  await asRep(world.hubspot, task, { hs_task_status: 'NOT_STARTED' });
  expect(await lookAt(NOON + HOUR + 30 * MINUTE)).toMatchObject({
    state: 'open',
    touched: null,
    ended: null,
  });
});
