import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readInstant } from '../../src/events/instant.ts';
import type { JournalEntry } from '../../src/events/journal.ts';
import { translateCohort } from '../../src/receive/amplitude/cohorts.ts';
import { translateAmplitude } from '../../src/receive/amplitude/translate.ts';
import type { Arrival } from '../../src/receive/arrival.ts';
import { firstElement, onlyJsonValue } from '../../src/receive/segment/first-element.ts';
import { translateSegment } from '../../src/receive/segment/translate.ts';
import { DAY } from '../../src/shared/time.ts';
import { arrival, eventsIn } from '../support/arrival.ts';
import { NOON } from '../support/event.ts';

const amplitude = { groupType: 'company' };

/** A good element of each kind; what the generator puts in the place of its values must not break anything. */
const translators: [string, Record<string, unknown>, (element: unknown, came: Arrival) => JournalEntry[]][] =
  [
    [
      'Segment',
      {
        type: 'track',
        event: 'Signed Up',
        name: null,
        userId: 'u-1',
        anonymousId: 'a-1',
        previousId: 'a-0',
        groupId: 'acct-7',
        messageId: 'm-1',
        timestamp: '2026-03-02T11:00:00Z',
        traits: { company: { id: 'acct-7' } },
        properties: {},
        context: { traits: { email: 'ada@initech.example' } },
      },
      (element, came) => translateSegment(element, came, { accountPaths: ['properties.a.b'] }),
    ],
    [
      'Amplitude',
      {
        event_type: '$identify',
        event_time: '2026-03-02 11:00:00',
        time: 0,
        user_id: 'u-1',
        device_id: 'd-1',
        uuid: 'row-1',
        $insert_id: 'i-1',
        user_properties: { $set: { title: 'Ops' } },
        groups: { company: ['acct-7'] },
        group_properties: { company: { 'acct-7': { plan: 'pro' } } },
      },
      (element, came) => translateAmplitude(element, came, amplitude),
    ],
    [
      'cohorts',
      {
        cohort_id: 'k1',
        cohort_name: 'Power users',
        in_cohort: true,
        computed_time: '1772446530',
        message_id: 'm-1',
        users: [{ user_id: 'u-1', user_properties: { company_id: 7 } }, 'u-2'],
      },
      (element, came) => translateCohort(element, came, amplitude),
    ],
  ];

/** Values and keys that mean something to a translator, among any others. */
const VALUES = [
  ...['track', 'identify', 'group', 'alias', 'page', 'delete', '$identify', '$groupidentify', 'Signed Up'],
  ...[
    'u-1',
    'a\0b',
    '\ud83d',
    '',
    'true',
    '1772446530',
    '2026-03-02T11:00:00Z',
    'yesterday',
    0,
    -1,
    1e300,
    true,
  ],
];
const KEYS = [
  ...[
    'company',
    'id',
    '$set',
    '$add',
    '$unset',
    'traits',
    'personas',
    'computation_class',
    'groupId',
    'user_id',
  ],
  ...['user_properties', 'email', '__proto__', 'constructor', 'toString', 'a\0b'],
];

function elements(base: Record<string, unknown>): fc.Arbitrary<unknown> {
  const telling = fc.constantFrom<unknown>(...VALUES);
  const inner = fc.object({ values: [telling, fc.jsonValue()], key: fc.constantFrom(...KEYS) });
  const value = fc.oneof(telling, inner, fc.array(inner, { maxLength: 3 }), fc.jsonValue());
  const changes = fc.dictionary(fc.constantFrom(...Object.keys(base)), value, { maxKeys: 3 });
  const changed = changes.map((over) => ({ ...base, ...over }));
  return fc.oneof({ arbitrary: changed, weight: 9 }, { arbitrary: fc.jsonValue(), weight: 1 });
}

describe.each(translators)('any element of %s', (_name, base, translate) => {
  const wire = elements(base).map((element) => JSON.parse(JSON.stringify(element)) as unknown);

  it('becomes events or is quarantined with its reason, and never fails in our code', () => {
    fc.assert(
      fc.property(wire, (element) => {
        const entries = translate(element, arrival());
        const codes = entries.flatMap((entry) =>
          entry.type === 'quarantine' ? [entry.quarantined.code] : [],
        );
        expect(codes).not.toContain('untranslatable');
        const isEmptyCohort = (element as { users?: unknown[] } | null)?.users?.length === 0;
        expect(entries.length > 0 || isEmptyCohort).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('is stored as text that PostgreSQL accepts, with usable ids and a time within the rules', () => {
    fc.assert(
      fc.property(wire, (element) => {
        const entries = translate(element, arrival());
        expect(JSON.stringify(entries)).not.toMatch(/\\u0000|\\ud[89a-f]/);
        for (const { id, at, userId, anonymousId, accountId } of eventsIn(entries)) {
          expect(`${id}${userId}${anonymousId}${accountId}`).not.toContain('\uFFFD');
          expect(at).toBeLessThanOrEqual(NOON);
          expect(at).toBeGreaterThanOrEqual(NOON - 400 * DAY);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('I2: gives the same when it comes again', () => {
    fc.assert(
      fc.property(wire, (element) => {
        expect(translate(structuredClone(element), arrival())).toEqual(translate(element, arrival()));
      }),
    );
  });
});

describe('the signed slice', () => {
  it('of any array is the text of its first element', () => {
    fc.assert(
      fc.property(
        fc.array(fc.jsonValue(), { minLength: 1 }),
        fc.constantFrom(undefined, 2),
        (values, indent) => {
          const text = JSON.stringify(values, null, indent);
          const slice = firstElement(Buffer.from(text))?.toString() ?? '';
          expect(text).toContain(slice);
          expect(JSON.parse(slice)).toEqual(JSON.parse(JSON.stringify(values[0])));
        },
      ),
    );
  });

  it('of any wrapper is the text of its value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify({ json: value });
        expect(onlyJsonValue(Buffer.from(text))?.toString()).toBe(JSON.stringify(value));
      }),
    );
  });

  it('of a text that is cut off anywhere is none, or was complete before', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(), (value, cut) => {
        const element = JSON.stringify({ value });
        const text = `[${element}`;
        const slice = firstElement(Buffer.from(text.slice(0, cut % text.length)));
        expect(slice).toBeNull();
      }),
    );
  });
});

it('any date reads the same with and without its zone, and as a number', () => {
  const date = fc.date({ min: new Date('1000-01-01'), max: new Date('9999-12-31'), noInvalidDate: true });
  fc.assert(
    fc.property(date, (instant) => {
      const iso = instant.toISOString();
      expect(readInstant(iso)).toBe(instant.getTime());
      expect(readInstant(iso.replace('T', ' ').replace('Z', ''))).toBe(instant.getTime());
      expect(readInstant(iso.replace('Z', '+00:00'))).toBe(instant.getTime());
    }),
  );
});
