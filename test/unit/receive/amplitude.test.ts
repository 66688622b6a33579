import { describe, expect, it } from 'vitest';
import { eventsOf } from '../../../src/receive/amplitude/bodies.ts';
import { translateAmplitude } from '../../../src/receive/amplitude/translate.ts';
import type { Json, JsonObject } from '../../../src/shared/json.ts';
import { arrival, onlyEvent, quarantinedIn, traitsOf } from '../../support/arrival.ts';
import { NOON } from '../../support/event.ts';

/** An event as Amplitude exports it. */
const exported: JsonObject = {
  app: 123,
  event_type: 'Key Feature Used',
  event_time: '2026-03-02 11:00:00.000000',
  user_id: 'u-1',
  device_id: 'd-1',
  amplitude_id: 734982347234,
  uuid: 'row-1',
  $insert_id: 'i-1',
  event_properties: { feature: 'reports' },
  user_properties: {},
  groups: {},
  group_properties: {},
};

function read(over: JsonObject, groupType = 'company') {
  const came = arrival({ vendor: 'amplitude', route: 'amplitude.events' });
  return translateAmplitude({ ...exported, ...over }, came, { groupType });
}
const event = (over: JsonObject, groupType?: string) => onlyEvent(read(over, groupType));
const codeOf = (over: JsonObject) => quarantinedIn(read(over)).map(({ code }) => code);

describe('events', () => {
  it('in the Export shape', () => {
    expect(event({})).toEqual({
      vendor: 'amplitude',
      id: 'row-1',
      kind: 'track',
      name: 'Key Feature Used',
      at: NOON - 3_600_000,
      receivedAt: NOON,
      userId: 'u-1',
      anonymousId: 'd-1',
      email: null,
      previousId: null,
      accountId: null,
      properties: { feature: 'reports' },
      personTraits: [],
      accountTraits: [],
      declared: false,
    });
  });

  it('in the HTTP V2 shape', () => {
    const element = {
      user_id: 'u-1',
      event_type: 'Key Feature Used',
      time: NOON - 60_000,
      insert_id: 'i-7',
      groups: { company: 'acct-7' },
    };
    const came = arrival({ vendor: 'amplitude', direct: true });
    expect(onlyEvent(translateAmplitude(element, came, { groupType: 'company' }))).toMatchObject({
      id: 'i-7:u-1',
      at: NOON - 60_000,
      accountId: 'acct-7',
    });
  });

  it('under the names of other Amplitude streams', () => {
    const over = {
      event_type: null,
      event_time: null,
      event_name: 'Signed In',
      created_at: '2026-03-02 10:00:00',
    };
    expect(event(over)).toMatchObject({ name: 'Signed In', at: NOON - 7_200_000 });
  });

  it('user properties that ride on an event are a snapshot', () => {
    const read = event({ user_properties: { email: 'Ada@Initech.example', employees: '12' } });
    expect(read).toMatchObject({ declared: false, email: 'ada@initech.example' });
    expect(traitsOf(read.personTraits)).toEqual({ email: 'Ada@Initech.example', employees: '12' });
  });

  it('a sign-up’s own properties are traits of its person, unless the user properties say otherwise', () => {
    const signUp = {
      event_type: 'User Signed Up',
      event_properties: { Email: 'Ada@Initech.example', title: 'VP', type: 'trial' },
    };
    expect(event(signUp)).toMatchObject({ email: 'ada@initech.example', declared: false });
    expect(traitsOf(event(signUp).personTraits)).toEqual({ email: 'Ada@Initech.example', title: 'VP' });
    const known = event({ ...signUp, user_properties: { title: 'Ops' } });
    expect(traitsOf(known.personTraits)).toEqual({ email: 'Ada@Initech.example', title: 'Ops' });
    expect(event({ event_properties: { email: 'b@initech.example' } }).personTraits).toEqual([]);
  });

  const times: [string, JsonObject, number][] = [
    ['without a fraction', { event_time: '2026-03-02 11:00:00' }, NOON - 3_600_000],
    [
      'client time when there is no event time',
      { event_time: null, client_event_time: '2026-03-02 10:00:00.5' },
      NOON - 7_199_500,
    ],
    [
      'server time after it',
      { event_time: 'x', server_received_time: '2026-03-02 11:30:00' },
      NOON - 1_800_000,
    ],
    ['receipt at last', { event_time: 'x' }, NOON],
  ];
  it.each(times)('time: %s', (_title, over, expected) => {
    expect(event(over).at).toBe(expected);
  });
});

describe('message ids', () => {
  const rows: [string, JsonObject, string][] = [
    ['the row’s uuid', {}, 'row-1'],
    ['else the insert id with the device', { uuid: null }, 'i-1:d-1'],
    ['else with the user', { uuid: null, device_id: null }, 'i-1:u-1'],
    ['the SDKs’ insert id', { uuid: null, $insert_id: null, insert_id: 'i-2' }, 'i-2:d-1'],
  ];
  it.each(rows)('%s', (_title, over, expected) => {
    expect(event(over).id).toBe(expected);
  });

  it('I2: an event that an SDK sent here is the twin of the one that Amplitude streams, so it counts once', () => {
    const { event_time: _, uuid: __, $insert_id, ...rest } = exported;
    const came = arrival({ vendor: 'amplitude', direct: true });
    const sent = { ...rest, insert_id: $insert_id ?? null, time: NOON - 3_600_000 };
    const [streamed] = translateAmplitude(exported, arrival({ vendor: 'amplitude' }), {
      groupType: 'company',
    });
    const { id } = onlyEvent(translateAmplitude(sent, came, { groupType: 'company' }));
    expect(streamed).toMatchObject({ event: { id: 'row-1' }, twin: id });
  });

  it('a client key that no id may be is no twin', () => {
    const [entry] = translateAmplitude(
      { ...exported, $insert_id: '\ud83d' },
      arrival({ vendor: 'amplitude' }),
      {
        groupType: 'company',
      },
    );
    expect(entry).toMatchObject({ type: 'event', event: { id: 'row-1' } });
    expect(entry).not.toHaveProperty('twin');
  });

  it('a user message without id and time that comes again is another one: traits return to older values', () => {
    const said = { user_id: 'u-1', user_properties: { plan: 'free' } };
    const at = (receivedAt: number) => {
      const came = arrival({ vendor: 'amplitude', receivedAt });
      return onlyEvent(translateAmplitude(said, came, { groupType: 'company' })).id;
    };
    expect(at(NOON)).not.toBe(at(NOON + 1));
  });

  it('else the hash of the element', () => {
    const none = { uuid: null, $insert_id: null };
    expect(event(none).id).toMatch(/^[0-9a-f]{64}$/);
    expect(event(none).id).toBe(event(none).id);
    expect(event(none).id).not.toBe(event({ ...none, user_id: 'u-2' }).id);
  });
});

describe('which account an event names', () => {
  const group = (value: Json) => ({ groups: { company: value } });
  const rows: [string, JsonObject, string | null][] = [
    ['a list of one', group(['acct-7']), 'acct-7'],
    ['a bare text', group('acct-7'), 'acct-7'],
    ['a number', group([7]), '7'],
    ['the same one twice', group(['acct-7', 'acct-7']), 'acct-7'],
    [
      'several: none of them',
      { ...group(['acct-7', 'acct-8']), user_properties: { company_id: 'acct-9' } },
      null,
    ],
    ['an empty list', group([]), null],
    ['another group type', { groups: { team: ['red'] } }, null],
    ['what came through Segment', { groups: { '[Segment] Group': ['acct-7'] } }, 'acct-7'],
    ['the configured type before it', { groups: { '[Segment] Group': ['b'], company: ['a'] } }, 'a'],
    [
      'the keys of group_properties',
      { group_properties: { company: { 'acct-7': { plan: 'pro' } } } },
      'acct-7',
    ],
    ['several keys: none', { group_properties: { company: { a: {}, b: {} } } }, null],
    ['the user property company_id', { user_properties: { company_id: 'acct-7' } }, 'acct-7'],
    ['the mirror of Segment’s group', { user_properties: { '[Segment] Group': 'acct-7' } }, 'acct-7'],
    ['groups before the user property', { ...group(['a']), user_properties: { company_id: 'b' } }, 'a'],
  ];
  it.each(rows)('%s', (_title, over, expected) => {
    expect(event(over).accountId).toBe(expected);
  });

  it('the group type is a setting', () => {
    expect(event({ groups: { 'org id': ['acct-7'], company: ['x'] } }, 'org id').accountId).toBe('acct-7');
  });

  it.each(['Company', 'COMPANY ', 'com_pany'])('however the type is spelled: %s', (type) => {
    const over = { groups: { [type]: ['a'] }, group_properties: { [type]: { a: { plan: 'pro' } } } };
    expect(event(over)).toMatchObject({ accountId: 'a', accountTraits: [{ name: 'plan', value: 'pro' }] });
  });

  it('the account’s properties come from below its own value', () => {
    const over = {
      groups: { company: ['acct-7'] },
      group_properties: { company: { 'acct-7': { plan: 'pro' }, 'acct-8': { plan: 'free' } } },
    };
    expect(traitsOf(event(over).accountTraits)).toEqual({ plan: 'pro' });
  });
});

describe('users', () => {
  const identify = (user_properties: JsonObject, over: JsonObject = {}) =>
    event({ event_type: '$identify', user_properties, ...over });

  it('$identify declares; operations apply as they mean', () => {
    const read = identify({
      $set: { title: 'Ops', email: 'ada@initech.example' },
      $setOnce: { createdAt: '2026-01-01' },
      $unset: { phone: '-' },
    });
    expect(read).toMatchObject({
      kind: 'identify',
      name: null,
      declared: true,
      email: 'ada@initech.example',
    });
    expect(read.personTraits).toEqual([
      { op: 'set', name: 'title', value: 'Ops' },
      { op: 'set', name: 'email', value: 'ada@initech.example' },
      { op: 'set_once', name: 'created_at', value: '2026-01-01' },
      { op: 'unset', name: 'phone', value: null },
    ]);
  });

  it('other operations are journaled and not applied', () => {
    const read = identify({ $add: { logins: 1 }, $append: { tags: 'a' }, $set: { title: 'Ops' } });
    expect(traitsOf(read.personTraits)).toEqual({ title: 'Ops' });
    expect(read.properties.$ignored_operations).toEqual({ $add: { logins: 1 }, $append: { tags: 'a' } });
  });

  it('setGroup declares the membership', () => {
    const read = identify({ $set: { company: ['acct-7'] } }, { groups: { company: ['acct-7'] } });
    expect(read).toMatchObject({ kind: 'identify', accountId: 'acct-7' });
  });

  it('company_id set by an operation names the account', () => {
    expect(identify({ $set: { company_id: 7 } }).accountId).toBe('7');
    expect(identify({ $unset: { company_id: '-' } }).accountId).toBeNull();
  });

  it.each<[string, JsonObject]>([
    ['flat', { plan: 'pro' }],
    ['as an operation', { $set: { plan: 'pro' } }],
  ])('a user message without a name, %s', (_title, user_properties) => {
    const read = event({ event_type: null, user_properties });
    expect(read).toMatchObject({ kind: 'identify', declared: true });
    expect(traitsOf(read.personTraits)).toEqual({ plan: 'pro' });
  });
});

describe('$groupidentify is about the account and nobody in it', () => {
  const groupIdentify = (over: JsonObject) => event({ event_type: '$groupidentify', ...over });
  const company = { groups: { company: 'acct-7' } };

  it.each<[string, JsonObject]>([
    ['operations', { $set: { plan: 'pro', employee_count: 12 } }],
    ['plain properties', { plan: 'pro', employee_count: 12 }],
    ['nested by type', { company: { plan: 'pro', employee_count: 12 } }],
    ['nested by type and value', { company: { 'acct-7': { plan: 'pro', employee_count: 12 } } }],
  ])('%s', (_title, group_properties) => {
    const read = groupIdentify({ ...company, group_properties });
    expect(read).toMatchObject({
      kind: 'group',
      userId: null,
      anonymousId: null,
      accountId: 'acct-7',
      declared: true,
    });
    expect(traitsOf(read.accountTraits)).toEqual({ plan: 'pro', employees: 12 });
  });

  it('ignored operations are journaled', () => {
    const read = groupIdentify({ ...company, group_properties: { $add: { seats: 1 } } });
    expect(read.properties).toMatchObject({ $ignored_group_operations: { $add: { seats: 1 } } });
  });

  it.each<[string, JsonObject]>([
    ['several accounts', { groups: { company: ['a', 'b'] } }],
    ['another group type', { groups: { team: 'red' } }],
  ])('quarantined when it names %s', (_title, over) => {
    expect(codeOf({ event_type: '$groupidentify', ...over })).toEqual(['no_group']);
  });
});

describe('what cannot be an event is quarantined with a stable code', () => {
  const rows: [string, JsonObject, string][] = [
    ['no ids', { user_id: null, device_id: '' }, 'no_ids'],
    ['neither name nor user properties', { event_type: null, user_properties: null }, 'unknown_type'],
    ['a placeholder user id', { user_id: 'NULL' }, 'junk_id'],
    ['a placeholder device id', { device_id: '00000000-0000-0000-0000-000000000000' }, 'junk_id'],
    ['a numeric placeholder', { user_id: -1 }, 'junk_id'],
    ['NUL in an id', { user_id: 'u\0' }, 'bad_text'],
    ['NUL in a group', { groups: { company: ['a\0'] } }, 'bad_text'],
    ['the year 1970', { event_time: '1970-01-01 00:00:00' }, 'before_2000'],
    ['the year 9999', { event_time: '9999-01-01 00:00:00' }, 'from_the_future'],
    ['two years old', { event_time: '2024-01-01 00:00:00' }, 'too_old'],
  ];
  it.each(rows)('%s', (_title, over, code) => {
    expect(codeOf(over)).toEqual([code]);
  });

  it('the API key is not kept', () => {
    const [kept] = quarantinedIn(read({ user_id: 'null', api_key: 's3cret' }));
    expect(kept?.raw).not.toContain('s3cret');
  });
});

describe('shapes of a streaming body', () => {
  const rows: [string, unknown, unknown[]][] = [
    ['one event', exported, [exported]],
    ['an array', [exported, exported], [exported, exported]],
    ['a template’s wrapper', { schema: 'x', event: exported }, [exported]],
    ['an array of them', [{ event: exported }], [exported]],
    ['a list of events', { events: [exported] }, [exported]],
    [
      'an event whose property is called event',
      { ...exported, event: { a: 1 } },
      [{ ...exported, event: { a: 1 } }],
    ],
    ['a text', 'x', ['x']],
  ];
  it.each(rows)('%s', (_title, body, expected) => {
    expect(eventsOf(body)).toEqual(expected);
  });
});
