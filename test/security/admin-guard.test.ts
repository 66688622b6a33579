import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Request } from 'express';
import { afterAll, describe, expect, it } from 'vitest';
import { failures } from '../../src/api/failures.ts';
import { adminGuard } from '../../src/api/guard.ts';

const MINUTE = 60_000;

function clock() {
  const at = { now: 1_000_000 };
  return { at, failed: failures(() => at.now) };
}

function fail(failed: ReturnType<typeof failures>, times: number, address: (i: number) => string): void {
  for (let i = 0; i < times; i++) {
    failed.note(address(i));
  }
}

describe('the limit on failed attempts', () => {
  it('twenty failures within a minute make an address wait, and no other', () => {
    const { at, failed } = clock();
    fail(failed, 19, () => '192.0.2.1');
    expect(failed.tooMany('192.0.2.1')).toBe(false);
    fail(failed, 1, () => '::ffff:192.0.2.1');
    expect(failed.tooMany('192.0.2.1')).toBe(true);
    expect(failed.tooMany('192.0.2.2')).toBe(false);
    at.now += MINUTE;
    expect(failed.tooMany('192.0.2.1')).toBe(false);
  });

  it.each([
    ['2001:db8:1:2::1', '2001:db8:1:2:ffff::9', true],
    ['2001:db8:1:2::1', '2001:db8:1:3::1', false],
    ['2001:db8::1', '2001:db8:0:0:5::', true],
    ['fe80::1%eth0', 'fe80::2%eth0', true],
  ])('regression: IPv6 is counted by /64: %s and %s are one sender: %s', (one, other, same) => {
    const { failed } = clock();
    fail(failed, 20, () => one);
    expect(failed.tooMany(other)).toBe(same);
  });

  it('regression: many addresses do not make the limit forget an address that waits', () => {
    const { failed } = clock();
    fail(failed, 20, () => '192.0.2.1');
    fail(failed, 30_000, (i) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`);
    expect(failed.tooMany('192.0.2.1')).toBe(true);
  });

  it('regression: beyond what is remembered, new addresses share one count instead of starting anew with each', () => {
    const { at, failed } = clock();
    fail(failed, 10_000, (i) => `10.0.${i >> 8}.${i & 255}`);
    expect(failed.tooMany('203.0.113.1')).toBe(false);
    fail(failed, 20, (i) => `198.51.100.${i}`);
    expect(failed.tooMany('203.0.113.1')).toBe(true);
    at.now += MINUTE;
    expect(failed.tooMany('203.0.113.1')).toBe(false);
  });
});

describe('the guard', () => {
  const servers: Server[] = [];
  afterAll(() => Promise.all(servers.map((server) => server.close())));

  async function guarded(token: string | undefined): Promise<(headers: object) => Promise<number>> {
    const app = express().use(adminGuard(token, Date.now), (_request: Request, response) => {
      response.json({});
    });
    const server = app.listen(0, '127.0.0.1');
    servers.push(server);
    await new Promise((resolve) => server.once('listening', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    return async (headers) => (await fetch(url, { headers: headers as Record<string, string> })).status;
  }

  it('after twenty failures the right token has to wait too, since guessing would go on otherwise', async () => {
    const ask = await guarded('the-right-one,the-next-one');
    expect(await ask({ authorization: 'Bearer the-right-one' })).toBe(200);
    expect(await ask({ authorization: 'Bearer the-next-one' })).toBe(200);
    for (let i = 0; i < 20; i++) {
      expect(await ask({ authorization: `Bearer guess-${i}` })).toBe(401);
    }
    expect(await ask({ authorization: 'Bearer the-right-one' })).toBe(429);
  });

  it.each([
    ['nothing else', {}, 200],
    ['X-Forwarded-For', { 'x-forwarded-for': '127.0.0.1' }, 403],
    ['Forwarded', { forwarded: 'for=127.0.0.1' }, 403],
    ['Via', { via: '1.1 proxy' }, 403],
    ['a page of another origin', { origin: 'https://evil.example' }, 403],
    ['a sandboxed page', { origin: 'null' }, 403],
  ])('without a token a request from this machine with %s: %i', async (_what, headers, status) => {
    expect(await (await guarded(undefined))(headers)).toBe(status);
  });
});
