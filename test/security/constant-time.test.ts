import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readEnvironment } from '../../src/config.ts';
import { isOneOf, isOneOfSecrets, sameCode } from '../../src/shared/secrets.ts';
import { type Receiver, SECRETS, sign, startReceiver } from '../support/receiver.ts';
import { type ParsedSource, parsedSources, parsedText, type Syntax } from '../support/syntax.ts';

const SRC = join(import.meta.dirname, '../../src');
/** The stand-ins of the CRMs check the secret of their own caller, which is a constant of the stand-in. */
const sources = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.ts') && !file.startsWith('sandbox/'),
);
const textOf = (file: string) => readFileSync(join(SRC, file), 'utf8');

const SECRET = /(?:secret|token|api_?key|write_?key|signature|hmac|digest|password)s?$/i;

/** Comparisons by value of what is named like a secret with what is neither a literal nor nothing. */
function comparisonsIn(source: ParsedSource): string[] {
  return source
    .nodes('BinaryExpression')
    .filter(({ operator }) => /^[!=]==?$/.test(String(operator)))
    .filter((node) => {
      const sides = [node.left as Syntax, node.right as Syntax];
      const isLiteral = sides.some(({ type, name }) => type === 'Literal' || name === 'undefined');
      return !isLiteral && sides.some((side) => SECRET.test(nameOf(side)));
    })
    .map((node) => `src/${source.file}:${source.lineOf(node)} ${source.textOf(node)}`);
}

/** The last word of `a`, `a.b`, `a[b]` and of a call of them. */
function nameOf(node: Syntax): string {
  const inner = node.callee ?? node.property ?? node.name ?? '';
  return typeof inner === 'string' ? inner : nameOf(inner as Syntax);
}

describe('secrets are compared in constant time', () => {
  it('no source compares a secret, a token, a key or a signature with ==', () => {
    const found = parsedSources()
      .filter(({ file }) => !file.startsWith('sandbox/'))
      .flatMap(comparisonsIn);
    expect(found).toEqual([]);
  });

  it.each([
    ['if (given === config.token) {}', 1],
    ['const ok = hmac(body, secret) === header;', 1],
    ['const ok = header !== signature;', 1],
    ['keys.some((key) => key === writeKey);', 1],
    ['if (token === undefined) {}', 0],
    ["const ok = secret !== '';", 0],
  ])('the search finds in `%s`: %i', (text, found) => {
    expect(comparisonsIn(parsedText('x.ts', text))).toHaveLength(found);
  });

  it('one file compares, over digests of one length', () => {
    const users = sources.filter((file) => textOf(file).includes('timingSafeEqual'));
    expect(users).toEqual(['shared/secrets.ts']);
    expect(isOneOf('a', ['a much longer one'])).toBe(false);
    expect(isOneOf('the same', ['another', 'the same'])).toBe(true);
    expect(sameCode(Buffer.from('aa', 'hex'), Buffer.from('aabb', 'hex'))).toBe(false);
    expect(sameCode(Buffer.from('aabb', 'hex'), Buffer.from('aabb', 'hex'))).toBe(true);
  });
});

describe('two secrets while one is changed', () => {
  let receiver: Receiver;
  beforeAll(async () => {
    receiver = await startReceiver({
      config: {
        ...SECRETS,
        segmentSecret: 'new-secret, old-secret',
        segmentToken: undefined,
        amplitudeToken: 'new-token,old-token',
      },
    });
  });
  afterAll(() => receiver.close());

  it.each([
    ['new-secret', 200],
    ['old-secret', 200],
    ['new-secret, old-secret', 401],
    ['', 401],
    ['wrong', 401],
  ])('a body of Segment signed with %j: %i', async (secret, status) => {
    const body = JSON.stringify({ type: 'track', event: 'A', userId: 'u', messageId: secret });
    const headers = { 'x-signature': sign(body, secret) };
    expect((await receiver.send('/webhooks/segment', body, { headers })).status).toBe(status);
  });

  it.each([
    ['new-token', 200],
    ['old-token', 200],
    ['new-token,old-token', 401],
    ['', 401],
    [',', 401],
  ])('Amplitude with the token %j: %i', async (token, status) => {
    const headers = { authorization: `Bearer ${token}` };
    expect((await receiver.send('/webhooks/amplitude/events', '[]', { headers })).status).toBe(status);
  });

  it('regression: a comma at the end does not accept the empty secret', () => {
    expect(isOneOfSecrets('', 'only-one,')).toBe(false);
  });

  it.each([
    ['SEGMENT_WEBHOOK_SECRET', 'long-enough,', false],
    ['SEGMENT_WEBHOOK_SECRET', 'p@ss,word', false],
    ['ADMIN_TOKEN', 'long-enough,long-enough-too', true],
    ['AMPLITUDE_WEBHOOK_TOKEN', 'short', true],
  ])('%s=%s is allowed: %s', (name, value, allowed) => {
    const read = readEnvironment({ [name]: value });
    expect(read.ok).toBe(allowed);
    expect(JSON.stringify(read.ok ? [] : read.error)).not.toContain(value);
  });
});
