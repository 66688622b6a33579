import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorld, type World } from '../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const url = () => world.service.url ?? '';

describe('answers that a browser might show', () => {
  it.each([
    ['/healthz', 200],
    ['/readyz', 200],
    ['/metrics', 200],
    ['/api/v1/status', 200],
    ['/api/v1/accounts/nobody', 404],
    ['/api/v1/accounts?limit=0', 400],
    ['/api/v1/accounts/%ff', 400],
    ['/none', 404],
    ['/%3Cscript%3Ealert(1)%3C/script%3E', 404],
  ])('%s answers %i, and lets a browser do nothing with it', async (path, status) => {
    const { status: answered, headers } = await fetch(`${url()}${path}`);
    expect(answered).toBe(status);
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('content-type')).toMatch(/^(application\/json|text\/plain)/);
    expect(headers.get('strict-transport-security')).toBeNull();
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });

  it('a path is never said back as anything but JSON', async () => {
    const answer = await fetch(`${url()}/api/v1/accounts/${encodeURIComponent('<script>"\r\nX: 1')}`);
    expect(answer.headers.get('x')).toBeNull();
    expect(JSON.parse(await answer.text())).toMatchObject({ error: { code: 'unknown_account' } });
  });

  it.each(['a\r\nSet-Cookie: x=1', 'a%0d%0aSet-Cookie:%20x=1', 'x\u0000'])(
    'what a preflight asks for (%j) cannot begin a header',
    async (asked) => {
      const answer = await fetch(`${url()}/v1/track?x=${encodeURIComponent(asked)}`, {
        method: 'OPTIONS',
        headers: { 'access-control-request-headers': encodeURIComponent(asked) },
      });
      expect(answer.status).toBe(204);
      expect(answer.headers.get('set-cookie')).toBeNull();
    },
  );

  it('what needs no token tells counts and states, and nothing of anybody', async () => {
    await world.send({
      type: 'identify',
      userId: 'ada-7',
      messageId: 'm',
      traits: { email: 'ada@acme.example' },
      context: { groupId: 'acct-7' },
    });
    await world.settle();
    for (const path of ['/healthz', '/readyz', '/metrics']) {
      expect(await (await fetch(`${url()}${path}`)).text()).not.toMatch(
        /ada|acme|acct-7|postgres:\/\/|password/,
      );
    }
  });
});
