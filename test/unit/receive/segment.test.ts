import { describe, expect, it } from 'vitest';
import { translateSegment } from '../../../src/receive/segment/translate.ts';
import type { JsonObject } from '../../../src/shared/json.ts';
import { arrival, eventsIn, onlyEvent, quarantinedIn, traitsOf } from '../../support/arrival.ts';
import { NOON } from '../../support/event.ts';

const base = { messageId: 'm-1', userId: 'u-1', timestamp: '2026-03-02T11:00:00.000Z' };
const track = { ...base, type: 'track', event: 'Key Feature Used' };

function read(element: unknown, accountPaths: string[] = []) {
  return translateSegment(element, arrival(), { accountPaths });
}
const event = (over: JsonObject, accountPaths: string[] = []) =>
  onlyEvent(read({ ...track, ...over }, accountPaths));
const codeOf = (element: unknown) => quarantinedIn(read(element)).map(({ code }) => code);

describe('calls of the Segment spec', () => {
  it('track', () => {
    expect(event({ anonymousId: 'a-1', properties: { feature: 'reports', rows: 3 } })).toEqual({
      vendor: 'segment',
      id: 'm-1',
      kind: 'track',
      name: 'Key Feature Used',
      at: NOON - 3_600_000,
      receivedAt: NOON,
      userId: 'u-1',
      anonymousId: 'a-1',
      email: null,
      previousId: null,
      accountId: null,
      properties: { feature: 'reports', rows: 3 },
      personTraits: [],
      accountTraits: [],
      declared: false,
    });
  });

  it.each(['page', 'screen'])('%s keeps its name, category and properties', (type) => {
    const read = event({ type, name: 'Pricing', category: 'Docs', properties: { url: '/pricing' } });
    expect(read).toMatchObject({
      kind: type,
      name: 'Pricing',
      properties: { url: '/pricing', category: 'Docs' },
    });
  });

  it('a page without a name, or with one among its properties', () => {
    expect(event({ type: 'page' }).name).toBeNull();
    expect(event({ type: 'page', properties: { name: 'Home' } }).name).toBe('Home');
  });

  it('identify declares traits of the person', () => {
    const { kind, declared, personTraits, email } = event({
      type: 'identify',
      traits: { email: 'Ada@Initech.example', firstName: 'Ada', phone: null },
    });
    expect({ kind, declared, email }).toEqual({
      kind: 'identify',
      declared: true,
      email: 'ada@initech.example',
    });
    expect(traitsOf(personTraits)).toEqual({ email: 'Ada@Initech.example', first_name: 'Ada', phone: null });
    expect(personTraits.find(({ name }) => name === 'phone')?.op).toBe('unset');
  });

  it('identify of RudderStack carries its traits in the context', () => {
    const { personTraits, declared } = event({
      type: 'identify',
      context: { traits: { title: 'Ops' } },
      traits: {},
    });
    expect(traitsOf(personTraits)).toEqual({ title: 'Ops' });
    expect(declared).toBe(true);
  });

  it('group declares traits of the account and links the person to it', () => {
    const read = event({
      type: 'group',
      groupId: 'acct-7',
      traits: { name: 'Initech', employees: '101-500' },
    });
    expect(read).toMatchObject({
      kind: 'group',
      userId: 'u-1',
      accountId: 'acct-7',
      declared: true,
      personTraits: [],
    });
    expect(traitsOf(read.accountTraits)).toEqual({ name: 'Initech', employees: '101-500' });
  });

  it('a group call needs no person', () => {
    expect(event({ type: 'group', groupId: 'acct-7', userId: null })).toMatchObject({
      userId: null,
      accountId: 'acct-7',
    });
  });

  it('traits that ride on a group call become a snapshot of their own, not declared ones', () => {
    const entries = read({
      ...base,
      type: 'group',
      groupId: 'acct-7',
      context: { traits: { email: 'ada@initech.example' } },
    });
    const [group, snapshot] = eventsIn(entries);
    expect(group).toMatchObject({ id: 'm-1', kind: 'group', email: 'ada@initech.example', personTraits: [] });
    expect(snapshot).toMatchObject({
      id: 'm-1:person',
      kind: 'identify',
      declared: false,
      accountId: 'acct-7',
    });
    expect(traitsOf(snapshot?.personTraits ?? [])).toEqual({ email: 'ada@initech.example' });
    expect(entries).toHaveLength(2);
  });

  const aliases: [string, JsonObject][] = [
    ['previousId and userId', { previousId: 'a-9', userId: 'u-1' }],
    ['snake case', { previous_id: 'a-9', userId: null, user_id: 'u-1' }],
    ['the names of old samples', { 'Previous ID': 'a-9', userId: null, 'User ID': 'u-1' }],
  ];
  it.each(aliases)('alias with %s', (_title, ids) => {
    expect(event({ type: 'alias', ...ids })).toMatchObject({
      kind: 'alias',
      previousId: 'a-9',
      userId: 'u-1',
    });
  });

  it('delete, which has no message id: a repeat has the same id', () => {
    const element = { type: 'delete', userId: 'u-1', timestamp: base.timestamp };
    const { id, kind } = onlyEvent(read(element));
    expect(kind).toBe('delete');
    expect(id).toMatch(/^[0-9a-f]{64}$/);
    expect(onlyEvent(read(element)).id).toBe(id);
    expect(onlyEvent(read({ ...element, userId: 'u-2' })).id).not.toBe(id);
  });

  it('the type is read without regard to case', () => {
    expect(event({ type: 'Track' }).kind).toBe('track');
  });

  it('a numeric event name is text', () => {
    expect(event({ event: 404 as never }).name).toBe('404');
  });
});

describe('traits that ride on an event are a snapshot', () => {
  it('of the person', () => {
    const read = event({ context: { traits: { email: 'ada@initech.example', createdAt: '2026-01-01' } } });
    expect(read).toMatchObject({ declared: false, email: 'ada@initech.example' });
    expect(traitsOf(read.personTraits)).toEqual({ email: 'ada@initech.example', created_at: '2026-01-01' });
  });

  it('of the company among them', () => {
    const company = { id: 7, name: 'Initech', employee_count: 240 };
    const read = event({ context: { traits: { title: 'Ops', company } } });
    expect(read.accountId).toBe('7');
    expect(traitsOf(read.personTraits)).toEqual({ title: 'Ops' });
    expect(traitsOf(read.accountTraits)).toEqual({ name: 'Initech', employees: 240 });
  });

  it('another company than the event’s gives the account nothing', () => {
    const company = { id: 'acct-8', name: 'Initrode' };
    const read = event({ context: { groupId: 'acct-7', traits: { company } } });
    expect(read).toMatchObject({ accountId: 'acct-7', accountTraits: [] });
  });

  it('a company that is only a name stays a trait of the person', () => {
    expect(traitsOf(event({ context: { traits: { company: 'Initech' } } }).personTraits)).toEqual({
      company: 'Initech',
    });
  });

  it('the event tester’s top-level e-mail counts', () => {
    expect(event({ email: 'ada@initech.example' }).email).toBe('ada@initech.example');
  });

  it('Signed Up describes its person; Invite Sent does not', () => {
    const properties = { email: 'ada@initech.example', title: 'Ops', type: 'organic' };
    expect(traitsOf(event({ event: 'User Signed Up', properties }).personTraits)).toEqual({
      email: 'ada@initech.example',
      title: 'Ops',
    });
    expect(event({ event: 'Invite Sent', properties }).personTraits).toEqual([]);
  });
});

describe('which account an event names', () => {
  const rows: [string, JsonObject, string | null][] = [
    ['context.groupId', { context: { groupId: 'acct-7' } }, 'acct-7'],
    ['context.group_id', { context: { group_id: 'acct-7' } }, 'acct-7'],
    ['context.groupId before context.group_id', { context: { group_id: 'b', groupId: 'a' } }, 'a'],
    ['a number', { context: { groupId: 7 } }, '7'],
    ['an empty one is none', { context: { groupId: '' } }, null],
    ['traits.company.id', { type: 'identify', traits: { company: { id: 'acct-7' } } }, 'acct-7'],
    ['a numeric company id', { type: 'identify', traits: { company: { id: 7 } } }, '7'],
    ['context.traits.company.id', { context: { traits: { company: { id: 'acct-7' } } } }, 'acct-7'],
    [
      'context.groupId before traits.company.id',
      { type: 'identify', context: { groupId: 'acct-7' }, traits: { company: { id: 'acct-8' } } },
      'acct-7',
    ],
    [
      'a group call’s own id before the context',
      { type: 'group', groupId: 'a', context: { groupId: 'b' } },
      'a',
    ],
    ['a group call without its own id', { type: 'group', context: { groupId: 'b' } }, 'b'],
    ['the configured place', { properties: { workspace: { id: 'acct-7' } } }, 'acct-7'],
    [
      'the configured place comes last',
      { context: { groupId: 'a' }, properties: { workspace: { id: 'b' } } },
      'a',
    ],
    ['nowhere', { properties: { company_id: 'acct-7' } }, null],
  ];
  it.each(rows)('%s', (_title, over, expected) => {
    expect(event(over, ['properties.workspace.id']).accountId).toBe(expected);
  });
});

describe('message ids', () => {
  it('RudderStack’s message_id', () => {
    expect(onlyEvent(read({ ...track, messageId: undefined, message_id: 'r-1' })).id).toBe('r-1');
  });

  it('without one: the hash of the element, whatever batch it came in', () => {
    const element = { ...track, messageId: undefined };
    expect(onlyEvent(read(element)).id).toBe(onlyEvent(read({ ...element })).id);
  });

  it('an SDK’s call without id and time is another event each time it is received', () => {
    const element = { type: 'track', event: 'Key Feature Used', userId: 'u-1' };
    const idAt = (receivedAt: number) =>
      onlyEvent(translateSegment(element, arrival({ direct: true, receivedAt }), { accountPaths: [] })).id;
    expect(idAt(NOON)).not.toBe(idAt(NOON + 1));
  });
});

describe('event time', () => {
  const rows: [string, JsonObject, number][] = [
    ['timestamp', { originalTimestamp: '2026-03-01T00:00:00Z' }, NOON - 3_600_000],
    [
      'originalTimestamp',
      { timestamp: 'yesterday', originalTimestamp: '2026-03-02T10:00:00Z' },
      NOON - 7_200_000,
    ],
    ['receivedAt', { timestamp: null, receivedAt: '2026-03-02T11:30:00Z' }, NOON - 1_800_000],
    ['receipt', { timestamp: 'yesterday' }, NOON],
  ];
  it.each(rows)('%s', (_title, over, expected) => {
    expect(event(over).at).toBe(expected);
  });
});

describe('what cannot be an event is quarantined with a stable code', () => {
  const deep = JSON.parse(`${'{"a":'.repeat(60)}1${'}'.repeat(60)}`) as JsonObject;
  const rows: [string, unknown, string][] = [
    ['no ids', { ...track, userId: null, anonymousId: '' }, 'no_ids'],
    ['an alias without a previous id', { ...base, type: 'alias' }, 'no_ids'],
    ['a delete without a person', { type: 'delete', context: { groupId: 'acct-7' } }, 'no_ids'],
    ['a group without a group', { ...base, type: 'group' }, 'no_group'],
    ['an unknown type', { ...base, type: 'audiencelist' }, 'unknown_type'],
    ['no type', base, 'unknown_type'],
    ['a form inside a batch', { body: 'a=1&b=2' }, 'form_encoded'],
    ['a track without an event', { ...base, type: 'track' }, 'no_event_name'],
    ['a text', 'track', 'not_an_object'],
    ['null', null, 'not_an_object'],
    ['a list', [track], 'not_an_object'],
    ['nested too deeply', { ...track, properties: deep }, 'too_deep'],
    ['NUL in the user id', { ...track, userId: 'u\0' }, 'bad_text'],
    ['half a surrogate pair in the group id', { ...track, context: { groupId: '\ud83d' } }, 'bad_text'],
    ['NUL in the message id', { ...track, messageId: 'm\0' }, 'bad_text'],
    ['an endless user id', { ...track, userId: 'u'.repeat(5000) }, 'id_too_long'],
    ['the year 1970', { ...track, timestamp: '1970-01-01T00:00:00Z' }, 'before_2000'],
    ['the year 9999', { ...track, timestamp: '9999-01-01T00:00:00Z' }, 'from_the_future'],
    ['two years old', { ...track, timestamp: '2024-03-01T00:00:00Z' }, 'too_old'],
  ];
  it.each(rows)('%s', (_title, element, code) => {
    expect(codeOf(element)).toEqual([code]);
    expect(eventsIn(read(element))).toEqual([]);
  });

  it('with its message id, its route and its text, and no credentials', () => {
    const [kept] = quarantinedIn(read({ ...base, type: 'nonsense', writeKey: 's3cret' }));
    expect(kept).toMatchObject({ vendor: 'segment', route: 'segment.webhook', id: 'm-1', receivedAt: NOON });
    expect(JSON.parse(kept?.raw ?? '')).toEqual({ ...base, type: 'nonsense' });
  });
});

describe('what must not break anything', () => {
  const rows: [string, JsonObject][] = [
    ['numbers as text', { properties: { count: '12', rows: '1,000' } }],
    [
      '10,000 properties',
      { properties: Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`p${i}`, i])) },
    ],
    ['NUL in a property', { properties: { note: 'a\0b' } }],
    ['properties that are a list', { properties: ['a'] }],
    ['a context that is a text', { context: 'web' }],
    ['traits that are null', { type: 'identify', traits: null }],
    ['unknown keys', { integrations: { All: false }, version: '1.1', channel: 7, _metadata: null }],
  ];
  it.each(rows)('%s', (_title, over) => {
    expect(event(over).userId).toBe('u-1');
  });

  it('values keep their type: the reader of a value decides what it is', () => {
    expect(event({ properties: { count: '12' } }).properties).toEqual({ count: '12' });
  });

  it('text is cleaned', () => {
    expect(event({ properties: { note: 'a\0b' } }).properties).toEqual({ note: 'a\uFFFDb' });
    expect(event({ event: 'Key\0' }).name).toBe('Key\uFFFD');
  });

  it('polluting keys are kept out of properties and traits', () => {
    const polluted = JSON.parse(
      '{"__proto__":{"admin":true},"constructor":1,"toString":2,"own":3}',
    ) as JsonObject;
    expect(event({ properties: polluted }).properties).toEqual({ own: 3 });
    expect(event({ type: 'identify', traits: polluted }).personTraits).toEqual([
      { op: 'set', name: 'own', value: 3 },
    ]);
  });
});
