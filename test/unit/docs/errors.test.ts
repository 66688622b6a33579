import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { outcomeOf as hubspot } from '../../../src/crm/hubspot/outcomes.ts';
import { type Failure, refusal } from '../../../src/crm/hubspot/reply.ts';
import { KNOWN_CODES, outcomeOf as salesforce } from '../../../src/crm/salesforce/outcomes.ts';
import { CATALOGUE, entryOf, indexText, pageOf, pageText } from '../../../src/sync/catalogue/index.ts';
import type { Outcome } from '../../../src/sync/crm.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const of = (source: string) => CATALOGUE.filter((entry) => entry.source === source);

/** What the catalogue says of an outcome, from what a write may do that must not and one that may be repeated. */
function fateOf(harmful: Outcome, harmless: Outcome): string {
  switch (harmful.state) {
    case 'uncertain':
      return 'look_first';
    case 'halt':
      return 'pause';
    case 'parked':
      return 'park';
    case 'retry':
      return harmful.atMost !== undefined ? 'once_more' : harmful.patient === true ? 'wait' : 'retry';
    default:
      return harmless.state;
  }
}

describe('docs/errors', () => {
  it('has the page of each code, as `npm run docs:errors` writes it, and no other', () => {
    expect(read('docs/errors/README.md')).toBe(indexText());
    for (const entry of CATALOGUE) {
      expect(read(pageOf(entry))).toBe(pageText(entry));
    }
    const pages = readdirSync(join(ROOT, 'docs/errors'), { recursive: true, encoding: 'utf8' });
    expect(pages.filter((page) => page.endsWith('.md'))).toHaveLength(CATALOGUE.length + 1);
  });

  it('names each code once for each source, with a cause and a remedy', () => {
    const names = CATALOGUE.map(pageOf);
    expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(names.length);
    expect(CATALOGUE.filter(({ cause, remedy }) => cause.length < 10 || remedy.length < 10)).toEqual([]);
  });

  it('links to pages that are there', () => {
    const links = [...indexText().matchAll(/\]\(([^)]+\.md)\)/g)].map(([, path]) => path ?? '');
    expect(links.filter((path) => !existsSync(join(ROOT, 'docs/errors', path)))).toEqual([]);
  });
});

describe('the catalogue says what the program does', () => {
  const failure = (code: string) => ({ code, message: '', fields: [], duplicateIds: [] });

  it('documents every code of the table of Salesforce', () => {
    expect(KNOWN_CODES.filter((code) => entryOf(code, 'salesforce') === null)).toEqual([]);
  });

  it.each(of('salesforce').map(({ code, fate }) => [code, fate]))('Salesforce %s: %s', (code, fate) => {
    expect(fateOf(salesforce(failure(code), 'harmful'), salesforce(failure(code), 'harmless'))).toBe(fate);
  });

  const lost = (code: string, sent: boolean): Failure => ({ kind: 'lost', code, sent });
  const answers: Record<string, Failure> = {
    unauthorized: refusal(401, {}, {}),
    missing_scopes: refusal(403, {}, {}),
    daily_limit: refusal(429, { message: 'daily' }, {}),
    migrating: refusal(477, {}, {}),
    not_found: refusal(404, {}, {}),
    conflict: refusal(409, {}, {}),
    locked: refusal(423, {}, {}),
    rate_limit: refusal(429, {}, {}),
    ...Object.fromEntries(
      ['timeout', 'econnreset', 'und_err_socket', 'unreadable_answer'].map((code) => [
        code,
        lost(code, true),
      ]),
    ),
    ...Object.fromEntries(['econnrefused', 'enotfound'].map((code) => [code, lost(code, false)])),
    unaccounted: { kind: 'unaccounted' },
    validation_error: refusal(400, { category: 'VALIDATION_ERROR' }, {}),
    list_not_manual: refusal(400, { category: 'LIST_NOT_MANUAL' }, {}),
  };
  const answerOf = (code: string) =>
    answers[code] ??
    (code.startsWith('http_')
      ? refusal(Number(code.slice(5)), {}, {})
      : refusal(400, { message: `[{"error":"${code.toUpperCase()}"}]` }, {}));

  it.each(of('hubspot').map(({ code, fate }) => [code, fate]))('HubSpot %s: %s', (code, fate) => {
    const at = { now: 0, timeZone: 'UTC' };
    const outcome = hubspot(answerOf(code), 'once', at);
    expect(outcome).toMatchObject({ code });
    expect(fateOf(outcome, hubspot(answerOf(code), 'repeatable', at))).toBe(fate);
  });

  it('documents every code that stands in the code', () => {
    const words = ['sync', 'crm', 'wiring', 'store'].flatMap((folder) =>
      readdirSync(join(ROOT, 'src', folder), { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.ts'))
        .flatMap((file) => [...read(`src/${folder}/${file}`).matchAll(/\bcode: '([a-z]+_[a-z_]+)'/g)]),
    );
    const codes = [...new Set(words.map(([, code]) => code ?? ''))];
    expect(codes.length).toBeGreaterThan(15);
    expect(codes.filter((code) => entryOf(code, null) === null)).toEqual([]);
  });

  it('documents why an event can be in quarantine', () => {
    const type = /type RefusalCode =([\s\S]*?);/.exec(read('src/events/refusal.ts'))?.[1] ?? '';
    const codes = [...type.matchAll(/^ {2}\| '(\w+)'/gm)].map(([, code]) => code ?? '');
    expect(codes).toContain('no_ids');
    expect(codes.filter((code) => entryOf(code, 'events') === null)).toEqual([]);
  });

  it('knows a code by where it was met', () => {
    expect(entryOf('not_found', 'hubspot')?.source).toBe('hubspot');
    expect(entryOf('record_parked', 'salesforce')?.source).toBe('pql');
    expect(entryOf('not_found', 'salesforce')).toBeNull();
    expect(entryOf('INVALID_FIELD', null)?.source).toBe('salesforce');
  });
});
