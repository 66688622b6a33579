import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../src/shared/clock.ts';
import { account, connectorTo, NOON, only } from './hubspot-world.ts';

let close: () => Promise<unknown> = async () => {};
afterEach(() => close());

/** A server that answers every POST with nothing found, and keeps what it was asked. */
async function start() {
  const asked: { path: string; body: Record<string, unknown> }[] = [];
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) {
      text += chunk;
    }
    asked.push({ path: request.url ?? '', body: JSON.parse(text) });
    response.setHeader('Content-Type', 'application/json');
    response.end(
      JSON.stringify({ status: 'COMPLETE', startedAt: NOON, completedAt: NOON, total: 0, results: [] }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const crm = connectorTo({ url }, { clock: new ManualClock(NOON) });
  return { crm, asked };
}

describe('what goes over the wire', () => {
  it('holds every field that the specification of the search requires', async () => {
    const { crm, asked } = await start();
    only(await crm.writeAccounts([account({ create: false })]));
    const searches = asked.filter(({ path }) => path.endsWith('/search'));
    expect(searches.map(({ body }) => body)).toEqual([
      {
        after: '0',
        filterGroups: expect.any(Array),
        limit: 200,
        properties: expect.any(Array),
        sorts: expect.any(Array),
      },
    ]);
  });
});
