import { afterAll, beforeAll, expect, it } from 'vitest';
import { personOf, startWorld, type World } from '../support/world.ts';

/** From signed requests to CRM records: what the whole service asks of the CRMs when many accounts change. */

const ACCOUNTS = Array.from({ length: 250 }, (_, i) => `a${i}`);
let world: World;

beforeAll(async () => {
  world = await startWorld();
  world.hubspot.seed(
    ACCOUNTS.map((key) => ({ object: 'companies', properties: { name: key, domain: `${key}.example` } })),
  );
  for (const key of ACCOUNTS) {
    world.salesforce.seed('Account', { Name: key, Website: `https://${key}.example` });
  }
});
afterAll(() => world.stop());

/** Sends these of every account, twenty-five accounts a request, and waits until the CRMs know. Gives the write calls. */
async function changed(make: (key: string) => object[]): Promise<{ hubspot: number; salesforce: number }> {
  world.hubspot.forgetLog();
  world.salesforce.forgetLog();
  for (let i = 0; i < ACCOUNTS.length; i += 25) {
    await world.send(...ACCOUNTS.slice(i, i + 25).flatMap(make));
  }
  await world.settle();
  const hubspot = world.hubspot.calls().filter(({ path }) => /\/batch\/(create|update|upsert)$/.test(path));
  const salesforce = world.salesforce.calls().filter(({ method }) => method !== 'GET');
  return { hubspot: hubspot.length, salesforce: salesforce.length };
}

const scores = () => new Set(world.hubspot.records('companies').map((one) => one.properties.pql_score));

it('250 accounts that are scored while others are delivered cost full batches and one more; what changes no field costs nothing', async () => {
  const person = (key: string) => personOf(key, `u-${key}`, world.clock);
  const first = await changed((key) => [
    person(key).identify({ email: `u@${key}.example` }),
    person(key).group({ name: key, website: `https://${key}.example` }),
    person(key).track('Workflow Configured'),
  ]);
  expect(scores()).toEqual(new Set(['20']));
  expect(first.hubspot).toBeLessThanOrEqual(Math.ceil(250 / 100) + 1);
  expect(first.salesforce).toBeLessThanOrEqual(Math.ceil(250 / 200) + 1);

  const second = await changed((key) => [person(key).track('API Integration Created')]);
  expect(scores()).toEqual(new Set(['35']));
  expect(second.hubspot).toBeLessThanOrEqual(Math.ceil(250 / 100) + 1);
  expect(second.salesforce).toBeLessThanOrEqual(Math.ceil(250 / 200) + 1);

  expect(await changed((key) => [person(key).track('API Integration Created')])).toEqual({
    hubspot: 0,
    salesforce: 0,
  });
});
