import { generateKeyPairSync, sign } from 'node:crypto';
import { Connection } from 'jsforce';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type SalesforceSandbox, startSalesforceSandbox } from '../../src/sandbox/salesforce/index.ts';
import { connected, org } from './jsforce-world.ts';

let sandbox: SalesforceSandbox;
let conn: Connection;

beforeEach(async () => {
  sandbox = await org();
  conn = await connected(sandbox);
});
afterEach(() => sandbox.close());

const keys = () =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });

function signed(privateKey: string, claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${part({ alg: 'RS256' })}.${part(claims)}`;
  return `${text}.${sign('RSA-SHA256', Buffer.from(text), privateKey).toString('base64url')}`;
}

const query = () => conn.query('SELECT Id FROM Account');

describe('queries under jsforce itself', () => {
  it('page by nextRecordsUrl; autoFetch takes them all, maxFetch no more than it says', async () => {
    for (let i = 0; i < 450; i++) {
      sandbox.seed('Account', { Name: `N${i}` });
    }
    const headers = { 'Sforce-Query-Options': 'batchSize=200' };
    const soql = 'SELECT Id, Name FROM Account ORDER BY Id';
    const first = await conn.query(soql, { headers } as never);
    expect([first.done, first.totalSize, first.records.length]).toEqual([false, 450, 200]);
    const second = await conn.queryMore(first.nextRecordsUrl ?? '', { headers } as never);
    expect([second.done, second.totalSize, second.records.length]).toEqual([false, 450, 200]);
    const last = await conn.queryMore(second.nextRecordsUrl ?? '', { headers } as never);
    expect([last.done, last.records.length, last.nextRecordsUrl]).toEqual([true, 50, undefined]);
    const all = await conn.query(soql, { autoFetch: true, maxFetch: 10_000, headers } as never);
    expect(new Set(all.records.map(({ Id }) => Id)).size).toBe(450);
    const cut = await conn.query(soql, { autoFetch: true, maxFetch: 250, headers } as never);
    expect([cut.records.length, cut.totalSize]).toEqual([250, 450]);
  });

  it('a URI above 16,384 bytes is 414, one below is answered', async () => {
    const long = (length: number) => `SELECT Id FROM Account WHERE Name = '${'x'.repeat(length)}'`;
    expect((await conn.query(long(15_000))).totalSize).toBe(0);
    await expect(conn.query(long(17_000))).rejects.toMatchObject({ errorCode: 'ERROR_HTTP_414' });
  });

  it('find() escapes quotes, and the stand-in reads them back', async () => {
    sandbox.seed('Account', { Name: "O'Brien" });
    expect(await conn.sobject('Account').find({ Name: "O'Brien" }, ['Id'])).toHaveLength(1);
    expect(await conn.sobject('Account').find({ Name: { $in: ["O'Brien", 'x'] } }, ['Id'])).toHaveLength(1);
    expect(await conn.sobject('Account').find({ Website: null }, ['Id'])).toHaveLength(1);
  });
});

describe('sessions and limits under jsforce itself', () => {
  it('every answer says what is left of the day, and past it the org refuses with 403', async () => {
    await sandbox.close();
    sandbox = await startSalesforceSandbox({ dailyMax: 2 });
    conn = await connected(sandbox);
    await query();
    expect(conn.limitInfo.apiUsage).toEqual({ used: 1, limit: 2 });
    await query();
    await expect(query()).rejects.toMatchObject({ errorCode: 'REQUEST_LIMIT_EXCEEDED' });
    expect(sandbox.calls().at(-1)?.status).toBe(403);
  });

  it('client credentials give no refresh token: a session that ran out ends the call', async () => {
    expect(conn.refreshToken).toBeUndefined();
    sandbox.faults.add({ path: '*/query', vendor: 'expire_sessions' });
    await expect(query()).rejects.toThrow(/No refresh token/);
  });

  it('five calls that meet an expired session take one new token together', async () => {
    const { clientId, clientSecret, url } = sandbox;
    const fresh = async () => {
      const form = new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: clientId,
        client_secret: clientSecret,
      });
      const answer = await fetch(`${url}/services/oauth2/token`, { method: 'POST', body: form });
      return ((await answer.json()) as { access_token: string }).access_token;
    };
    const refreshing = new Connection({
      instanceUrl: url,
      accessToken: 'ran out',
      version: '64.0',
      refreshFn: (_conn, done) => void fresh().then((token) => done(null, token)),
    });
    await Promise.all(Array.from({ length: 5 }, () => refreshing.query('SELECT Id FROM Account')));
    expect(sandbox.calls().filter(({ path }) => path.endsWith('/token'))).toHaveLength(2);
  });

  it('wrong credentials and an unknown grant are refused with their own names', async () => {
    const ask = (form: { grant_type: string; assertion?: string }) => conn.oauth2.requestToken(form as never);
    await expect(ask({ grant_type: 'password' })).rejects.toMatchObject({ name: 'unsupported_grant_type' });
    await expect(
      ask({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: 'a.b.c' }),
    ).rejects.toMatchObject({ name: 'invalid_grant', message: "user hasn't approved this consumer" });
  });

  it('a JWT assertion is taken when it is signed by the key of the app, names it, and is about to expire', async () => {
    const { privateKey, publicKey } = keys();
    const other = keys().privateKey;
    await sandbox.close();
    sandbox = await startSalesforceSandbox({ publicKey });
    const now = Date.now() / 1000;
    const claims = { iss: sandbox.clientId, sub: 'u@example.com', aud: sandbox.url, exp: now + 180 };
    const logIn = async (assertion: string) => {
      conn = new Connection({ version: '64.0', oauth2: { loginUrl: sandbox.url } });
      await conn.authorize({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion });
    };
    for (const refused of [
      signed(other, claims),
      signed(privateKey, { ...claims, iss: 'another app' }),
      signed(privateKey, { ...claims, exp: now - 400 }),
      // Milliseconds, a common mistake.
      signed(privateKey, { ...claims, exp: claims.exp * 1000 }),
    ]) {
      await expect(logIn(refused)).rejects.toMatchObject({ name: 'invalid_grant' });
    }
    await logIn(signed(privateKey, claims));
    expect((await query()).totalSize).toBe(0);
  });

  it('a 401 that never ends is met again by every call that has a new token', async () => {
    const renewed: string[] = [];
    const endless = new Connection({
      instanceUrl: sandbox.url,
      accessToken: 'ran out',
      version: '64.0',
      // jsforce itself would go on for ever.
      refreshFn: (_conn, done) => {
        renewed.push('token');
        if (renewed.length > 3) {
          done(new Error('no end'));
        } else {
          done(null, conn.accessToken ?? '');
        }
      },
    });
    sandbox.faults.add({ path: '*/query', vendor: 'expire_sessions', times: 'always' });
    await expect(endless.query('SELECT Id FROM Account')).rejects.toThrow('no end');
    expect(sandbox.calls().filter(({ status }) => status === 401)).toHaveLength(4);
  });

  it('a retired version is 410, HTML is an error by its status, a reset is a lost connection', async () => {
    conn.version = '20.0';
    await expect(query()).rejects.toMatchObject({ errorCode: 'UNSUPPORTED_API_VERSION' });
    conn.version = '64.0';
    const html = { status: 503, headers: { 'content-type': 'text/html' }, body: '<html>busy</html>' };
    sandbox.faults.add({ path: '*/composite/sobjects', reply: html });
    const create = () => conn.sobject('Account').create([{ Name: 'A' }]);
    await expect(create()).rejects.toMatchObject({ errorCode: 'ERROR_HTTP_503' });
    sandbox.faults.add({ path: '*/composite/sobjects', reset: 'before' });
    await expect(create()).rejects.toThrow('fetch failed');
    expect(sandbox.records('Account')).toHaveLength(0);
    sandbox.faults.add({ path: '*/composite/sobjects', reset: 'after' });
    await expect(create()).rejects.toThrow('fetch failed');
    expect(sandbox.records('Account')).toHaveLength(1);
  });

  it('a call can be delayed by method and path', async () => {
    sandbox.faults.add({ method: 'GET', path: '*/query', delayMs: 60 });
    const began = performance.now();
    await query();
    expect(performance.now() - began).toBeGreaterThan(55);
  });
});
