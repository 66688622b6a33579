import { Client } from '@hubspot/api-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type HubspotSandbox, startHubspotSandbox } from '../../src/sandbox/hubspot/index.ts';
import { ManualClock } from '../../src/shared/clock.ts';

/** The portal's limits, met through HubSpot's own client as anybody would use it: without a limiter, without retries. */

let clock: ManualClock;
let sandbox: HubspotSandbox;
let client: Client;

beforeEach(async () => {
  clock = new ManualClock(Date.UTC(2026, 10, 24, 12));
  sandbox = await startHubspotSandbox({
    clock,
    settings: { limits: 'enforced', burstLimit: 5, searchLimit: 2, dailyLimit: 20 },
  });
  client = new Client({ accessToken: 'pat-test', basePath: sandbox.url, numberOfApiCallRetries: 1 });
});
afterEach(() => sandbox.close());

const read = () => client.crm.owners.ownersApi.getPage();
const search = () =>
  client.crm.companies.searchApi.doSearch({
    filterGroups: [],
    properties: [],
    limit: 1,
    after: '0',
    sorts: [],
  });

interface Refusal {
  code: number;
  body: Record<string, unknown>;
  headers: Record<string, string>;
}

/** What the client throws: each of its modules has an exception class of its own. */
async function refused(call: Promise<unknown>): Promise<Refusal> {
  const thrown = await call.then(
    () => null,
    (error: unknown) => error as Refusal,
  );
  if (thrown === null) {
    throw new Error('a refusal was expected');
  }
  return thrown;
}

async function times(count: number, call: () => Promise<unknown>): Promise<void> {
  for (let i = 0; i < count; i++) {
    await call();
  }
}

describe('the burst limit', () => {
  it('refuses one call more than the window takes, names its policy, and takes calls again when the oldest are past', async () => {
    await times(3, read);
    clock.advance(6_000);
    await times(2, read);
    const { code, body, headers } = await refused(read());
    expect(code).toBe(429);
    expect(body).toMatchObject({ policyName: 'TEN_SECONDLY_ROLLING', errorType: 'RATE_LIMIT' });
    expect(headers['x-hubspot-ratelimit-max']).toBe('5');
    clock.advance(4_000);
    await times(3, read);
    expect((await refused(read())).code).toBe(429);
  });

  it('a search does not count against it, nor a call against the searches', async () => {
    await times(5, read);
    await times(2, search);
    expect((await refused(search())).code).toBe(429);
  });

  it('is only told, unless it is to be enforced', async () => {
    sandbox.settings.limits = 'told';
    await times(8, read);
    const { headers } = await client.crm.owners.ownersApi.getPageWithHttpInfo();
    expect(headers['x-hubspot-ratelimit-remaining']).toBe('0');
  });
});

describe('the search limit', () => {
  it('refuses the third search of a second, without a policy and without the headers of the burst limit', async () => {
    await times(2, search);
    const { code, body, headers } = await refused(search());
    expect(code).toBe(429);
    expect(body).toMatchObject({ message: 'You have reached your secondly limit.', category: 'RATE_LIMITS' });
    expect(body).not.toHaveProperty('policyName');
    expect(headers).not.toHaveProperty('x-hubspot-ratelimit-max');
    expect(headers).toHaveProperty('x-hubspot-ratelimit-daily-remaining');
    clock.advance(1_000);
    await times(2, search);
  });
});

describe('the daily limit', () => {
  it('counts refused calls too, and ends with the day', async () => {
    sandbox.settings.burstLimit = 15;
    await times(15, read);
    for (let i = 0; i < 5; i++) {
      expect((await refused(read())).body).toMatchObject({ policyName: 'TEN_SECONDLY_ROLLING' });
    }
    clock.advance(10_000);
    const { code, body, headers } = await refused(read());
    expect([code, body.policyName]).toEqual([429, 'DAILY']);
    expect(headers['x-hubspot-ratelimit-daily-remaining']).toBe('0');
    clock.advance(24 * 3_600_000);
    await read();
  });
});
