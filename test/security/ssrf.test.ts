import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { slackClient } from '../../src/alerts/slack/client.ts';
import { webhookMessenger } from '../../src/alerts/slack/webhook.ts';
import { readEnvironment } from '../../src/config.ts';
import { HubspotApi } from '../../src/crm/hubspot/client.ts';
import { salesforceClient } from '../../src/crm/salesforce/client.ts';
import { instanceProblem } from '../../src/crm/salesforce/instance.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { addressProblem } from '../../src/shared/safe-address.ts';

const servers: Server[] = [];
afterAll(() => Promise.all(servers.map((server) => server.close())));

interface Stand {
  url: string;
  seen: { url: string; authorization: string | undefined }[];
}

async function stand(answer: RequestListener): Promise<Stand> {
  const seen: Stand['seen'] = [];
  const server = createServer((request, response) => {
    seen.push({ url: request.url ?? '', authorization: request.headers.authorization });
    answer(request, response);
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await new Promise((resolve) => server.once('listening', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

describe('addresses that credentials are sent to', () => {
  it.each([
    'https://api.hubapi.com',
    'https://acme.my.salesforce.com',
    'https://10.0.0.7/proxy',
    'http://127.0.0.1:8081',
    'http://[::1]:8081',
    'http://localhost:8081',
  ])('%s is taken', (url) => {
    expect(addressProblem(url)).toBeNull();
  });

  it.each([
    'http://api.hubapi.com',
    'http://10.0.0.7',
    'ftp://127.0.0.1/x',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'https://user:password@api.hubapi.com',
    'http://169.254.169.254/latest/meta-data',
    'https://169.254.169.254/',
    'https://2852039166/',
    'https://0xa9fea9fe/',
    'https://0251.0376.0251.0376/',
    'https://[::ffff:169.254.169.254]/',
    'https://[fe80::1]/',
    'https://[fd00:ec2::254]/',
    'https://metadata.google.internal/',
    'https://metadata/',
    'https://100.100.100.200/',
    'https://0.0.0.0/',
    'https://[::]/',
    'http://127.0.0.1.evil.example/',
    'http://localhost.evil.example/',
    'nonsense',
  ])('%s is refused', (url) => {
    expect(addressProblem(url)).not.toBeNull();
  });

  it.each(['HUBSPOT_BASE_URL', 'SALESFORCE_LOGIN_URL', 'SLACK_BASE_URL', 'SLACK_WEBHOOK_URL'])(
    '%s is held to it at the start',
    (name) => {
      const read = readEnvironment({
        [name]: 'http://169.254.169.254',
        SALESFORCE_CLIENT_ID: 'x',
        SALESFORCE_CLIENT_SECRET: 'y',
      });
      expect(read.ok ? [] : read.error.filter((line) => line.startsWith(name))).toHaveLength(1);
    },
  );

  it('of a webhook only that it is wrong is said: the address is the secret', () => {
    const read = readEnvironment({ SLACK_WEBHOOK_URL: 'http://hooks.example.com/services/T1/B1/geheim' });
    expect(read.ok ? '' : read.error.join()).toMatch(/^SLACK_WEBHOOK_URL: found a value;/);
    const both = readEnvironment({
      SLACK_WEBHOOK_URL: 'https://hooks.example.com/x',
      SLACK_BOT_TOKEN: 'xoxb-1',
    });
    expect(both.ok ? '' : both.error.join()).toContain('found both');
  });
});

describe('the address that a Salesforce login names', () => {
  it.each([
    ['https://login.salesforce.com', 'https://acme.my.salesforce.com', true],
    ['https://acme.my.salesforce.com', 'https://acme.my.salesforce.com', true],
    ['https://acme--dev.sandbox.my.salesforce.com', 'https://cs42.salesforce.com', true],
    ['https://sso.acme.example', 'https://gateway.acme.example', true],
    ['http://127.0.0.1:1', 'http://127.0.0.1:2', true],
    ['https://login.salesforce.com', 'https://evil.example', false],
    ['https://login.salesforce.com', 'https://salesforce.com.evil.example', false],
    ['https://login.salesforce.com', 'https://notsalesforce.com', false],
    ['https://login.salesforce.com', 'http://acme.my.salesforce.com', false],
    ['https://login.salesforce.com', 'http://127.0.0.1:8080', false],
    ['https://login.salesforce.com', 'https://169.254.169.254', false],
    ['https://login.salesforce.com', 'https://a@acme.my.salesforce.com', false],
    ['http://127.0.0.1:1', 'https://evil.example', false],
    ['https://login.salesforce.com', undefined, false],
    ['https://login.salesforce.com', ['https://acme.my.salesforce.com'], false],
  ])('after a login at %s it may be %s: %s', (login, instance, allowed) => {
    expect(instanceProblem(login, instance) === null).toBe(allowed);
  });
});

describe('Slack is not followed elsewhere', () => {
  it('neither with the token nor with a message', async () => {
    const other = await stand((_request, response) => void response.end('ok'));
    const away = await stand(
      (_request, response) => void response.writeHead(307, { location: other.url }).end(),
    );
    const client = slackClient({ token: 'xoxb-1', baseUrl: `${away.url}/api/` });
    expect(await client.whoAmI()).toMatchObject({ ok: false });
    const message = { text: 'x', blocks: [] };
    expect(await webhookMessenger(`${away.url}/services/x`).post('', message, null)).toMatchObject({
      ok: false,
    });
    expect(away.seen).toHaveLength(2);
    expect(other.seen).toEqual([]);
  });
});

describe('the token stays with whom it is for', () => {
  const json =
    (body: unknown, status = 200): RequestListener =>
    (_request, response) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
  const client = (loginUrl: string) =>
    salesforceClient({
      loginUrl,
      apiVersion: '64.0',
      auth: { kind: 'client_credentials', clientId: 'id', clientSecret: 'secret' },
      timeoutMs: 2000,
    });

  it('Salesforce: a login that names a stranger as the org is refused, and the stranger hears nothing', async () => {
    const login = await stand(json({ access_token: '00D!token', instance_url: 'https://evil.example' }));
    await expect(client(login.url).request('GET', '/query?q=x')).rejects.toMatchObject({
      name: 'REDIRECTED',
    });
  });

  it('Salesforce: a next page that lies elsewhere is not fetched', async () => {
    const thief = await stand(json({ records: [], done: true }));
    const org = await stand((request, response) => {
      const body = request.url?.includes('oauth2')
        ? { access_token: '00D!token', instance_url: org.url }
        : { records: [], done: false, nextRecordsUrl: `${thief.url}/steal` };
      json(body)(request, response);
    });
    const session = client(org.url);
    const page = await session.request<{ nextRecordsUrl: string }>('GET', '/query?q=x');
    await expect(session.request('GET', page.nextRecordsUrl)).rejects.toMatchObject({ name: 'REDIRECTED' });
    expect(thief.seen).toEqual([]);
  });

  it.each([301, 302, 303, 307, 308])('Salesforce: a %i is not followed', async (status) => {
    const thief = await stand(json({}));
    const org = await stand((request, response) => {
      if (request.url?.includes('oauth2')) {
        json({ access_token: '00D!token', instance_url: org.url })(request, response);
      } else {
        response.writeHead(status, { location: `${thief.url}/steal` }).end();
      }
    });
    await expect(client(org.url).request('POST', '/sobjects/Account', { Name: 'x' })).rejects.toMatchObject({
      name: 'REDIRECTED',
    });
    expect(thief.seen).toEqual([]);
  });

  it.each([301, 302, 303, 307, 308])(
    'HubSpot: a %i to another origin never carries the token',
    async (status) => {
      const thief = await stand(json({}));
      const portal = await stand((_request, response) => {
        response.writeHead(status, { location: `${thief.url}/steal` }).end();
      });
      const api = new HubspotApi({
        accessToken: 'pat-secret',
        baseUrl: portal.url,
        clock: systemClock,
        timeoutMs: 2000,
      });
      await api.call(z.unknown(), api.paths.account());
      expect(portal.seen.map(({ authorization }) => authorization)).toEqual(['Bearer pat-secret']);
      expect(thief.seen.map(({ authorization }) => authorization)).toEqual(thief.seen.map(() => undefined));
    },
  );
});
