import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readSignals } from '../../src/accounts/signal-plan.ts';
import { queryOf, queryText } from '../../src/api/problem.ts';
import { recordSchema } from '../../src/crm/hubspot/reply.ts';
import { readCsv } from '../../src/crm/salesforce/bulk/csv.ts';
import { cleanJson } from '../../src/events/clean-json.ts';
import { factLines } from '../../src/fact-files.ts';
import { parseJson } from '../../src/receive/json-text.ts';
import { readYaml } from '../../src/shared/config-yaml.ts';
import { AMPLITUDE_HEADERS, type Receiver, segmentHeaders, startReceiver } from '../support/receiver.ts';

const NAMES = Object.getOwnPropertyNames(Object.prototype);
let before: string[] = [];
beforeAll(() => {
  before = Object.getOwnPropertyNames(Object.prototype);
});
afterEach(() => {
  expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

/** Nothing that a plain object does not have by itself, at any depth. */
function holds(value: unknown, name: string): boolean {
  if (Array.isArray(value)) {
    return value.some((item) => holds(item, name));
  }
  return (
    typeof value === 'object' &&
    value !== null &&
    (Object.hasOwn(value, name) || Object.values(value).some((inner) => holds(inner, name)))
  );
}

describe('names that every object has are kept out', () => {
  it.each(NAMES)('%s in an event, as a key of any level', (name) => {
    const text = `{"a":{"${name}":{"polluted":true}},"${name}":{"polluted":true},"list":[{"${name}":1}]}`;
    const parsed = parseJson(Buffer.from(text));
    const { value } = cleanJson(parsed.ok ? parsed.value : null);
    expect(value).toEqual({ a: {}, list: [{}] });
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });

  it.each(NAMES)('%s over every route of the receivers', async (name) => {
    const receiver = await startReceiver();
    try {
      await send(receiver, name);
      expect(receiver.journal.events.length + receiver.journal.quarantined.length).toBeGreaterThanOrEqual(4);
      for (const event of receiver.journal.events) {
        expect(holds(event, name)).toBe(false);
        const traits = [...event.personTraits, ...event.accountTraits].map((trait) => trait.name);
        expect(traits).not.toContain(name);
      }
    } finally {
      await receiver.close();
    }
  });

  async function send(receiver: Receiver, name: string): Promise<void> {
    const evil = `"${name}":{"polluted":true,"${name}":{"x":1}}`;
    const segment = `{"type":"identify","userId":"u","messageId":"s",${evil},"traits":{${evil},"plan":"pro"},"context":{${evil},"traits":{${evil}}}}`;
    const amplitude = `{"event_type":"Sign","user_id":"u","uuid":"a",${evil},"event_properties":{${evil}},"user_properties":{${evil},"$set":{${evil}}},"groups":{${evil}},"group_properties":{"company":{${evil}}}}`;
    const sdk = `{"writeKey":"wk-1",${evil},"batch":[{"type":"group","groupId":"g","userId":"u","messageId":"b","traits":{${evil}}}]}`;
    const http = `{"api_key":"ak-1",${evil},"events":[${amplitude}]}`;
    const cohort = `{"cohort_id":"c","cohort_name":"C","in_cohort":true,"computed_time":1,"users":[{"user_id":"u",${evil}}],${evil}}`;
    expect(
      (await receiver.send('/webhooks/segment', segment, { headers: segmentHeaders(segment) })).status,
    ).toBe(200);
    const headers = AMPLITUDE_HEADERS;
    expect((await receiver.send('/webhooks/amplitude/events', amplitude, { headers })).status).toBe(200);
    expect((await receiver.send('/webhooks/amplitude/cohorts', cohort, { headers })).status).toBe(200);
    expect((await receiver.send('/v1/batch', sdk)).status).toBe(200);
    expect((await receiver.send('/2/httpapi', http)).status).toBe(200);
  }
});

describe('elsewhere', () => {
  it.each(NAMES)('%s as a property of a HubSpot record is a value like any other, or none', (name) => {
    const answer = JSON.parse(`{"id":"1","properties":{"${name}":"x","name":"Acme"}}`) as unknown;
    const { properties } = recordSchema.parse(answer);
    expect(properties.name).toBe('Acme');
    expect(Object.getPrototypeOf(properties)).toBe(Object.prototype);
  });

  it.each(NAMES)('%s as a column of a CSV result of Salesforce', (name) => {
    const [row] = readCsv(`"${name}","Id"\n"x","001"\n`);
    expect(row?.Id).toBe('001');
    expect(Object.getPrototypeOf(row)).toBe(Object.prototype);
  });

  it.each(NAMES)('%s as a column of a CSV file of facts', async (name) => {
    const folder = mkdtempSync(join(tmpdir(), 'pql-pollution-'));
    const path = join(folder, 'facts.csv');
    writeFileSync(path, `domain,${name},employees\nacme.example,polluted,240\n`);
    const source = { file: 'facts.csv', key: 'domain' as const, columns: { employees: 'employees' } };
    const rows = [];
    for await (const line of factLines(path, source)) {
      rows.push(line);
    }
    rmSync(folder, { recursive: true });
    expect(rows).toEqual([{ line: 2, row: expect.objectContaining({ facts: { employees: '240' } }) }]);
  });

  it('__proto__ in YAML is refused with its line; constructor is a name that nothing knows', () => {
    expect(readYaml('a: 1\nb:\n  __proto__:\n    polluted: true\n')).toMatchObject([{ line: 3 }]);
    expect(readYaml('<<: { __proto__: { polluted: true } }\n')).toMatchObject([{ line: expect.any(Number) }]);
    for (const name of NAMES.filter((one) => one !== '__proto__')) {
      const read = readSignals(
        'signals.yaml',
        `signals:\n  ok: { event: A, count: each }\n${name}: { polluted: true }\n`,
      );
      expect(read.ok).toBe(false);
    }
  });

  it.each([
    '__proto__[polluted]=1',
    'constructor[prototype][polluted]=1',
    '__proto__.polluted=1',
    'q[__proto__]=x',
    'q=a&q=b',
  ])('the query %s of the admin API', async (query) => {
    const schema = z.object({ q: queryText.optional() });
    const app = express().get('/', (request, response) => {
      const asked = queryOf(schema, request.query, response);
      if (asked !== null) {
        response.json(asked);
      }
    });
    const server = app.listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/?${query}`);
    expect([200, 400]).toContain(answer.status);
    expect(await answer.text()).not.toContain('polluted');
    await new Promise((resolve) => server.close(resolve));
  });
});
