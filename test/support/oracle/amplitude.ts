import { type Change, type Fact, object, plainName, setAll, text, type Values } from './fact.ts';

/** One event: the Export record of event streaming, or the SDK's. */
export function amplitudeEvent(event: Values, heard: number): Fact {
  const type = String(event.event_type);
  const isSaying = type === '$identify' || type === '$groupidentify';
  // A group identify is about the group: whoever was signed in at that moment is not made a member by it.
  const isAboutGroup = type === '$groupidentify';
  const account = group(object(event.groups).company);
  const inserted = `${event.insert_id ?? event.$insert_id}:${event.device_id}`;
  return {
    id: `amplitude ${event.uuid ?? inserted}`,
    at: time(event),
    heard,
    did: isSaying ? null : plainName(type),
    isActivity: !isSaying,
    properties: object(event.event_properties),
    user: isAboutGroup ? null : text(event.user_id),
    device: isAboutGroup ? null : text(event.device_id),
    account,
    aboutPerson: operations(object(event.user_properties)),
    aboutAccount: operations(groupProperties(event, account)),
    declared: isSaying,
  };
}

/** A cohort message says of each of its users whether they are in. It may carry their account. */
export function amplitudeCohort(message: Values, heard: number): Fact[] {
  return (message.users as Values[]).map((user) => ({
    id: `amplitude ${message.message_id}:${user.user_id}`,
    at: Number(message.computed_time) * 1000,
    heard,
    did: null,
    isActivity: false,
    properties: {},
    user: text(user.user_id),
    device: null,
    account: text(object(user.user_properties).company_id),
    aboutPerson: setAll({ [`cohort:${message.cohort_id}`]: message.in_cohort }),
    aboutAccount: [],
    declared: true,
  }));
}

/** Milliseconds in SDK events; text in UTC without a zone in records. */
function time({ time, event_time }: Values): number {
  return typeof time === 'number'
    ? time
    : Date.parse(`${String(event_time).slice(0, 23).replace(' ', 'T')}Z`);
}

function group(value: unknown): string | null {
  return text(Array.isArray(value) ? value[0] : value);
}

/** Under type and value in records; directly in the SDK's group identify. */
function groupProperties(event: Values, account: string | null): Values {
  const properties = object(event.group_properties);
  return 'company' in properties ? object(object(properties.company)[account ?? '']) : properties;
}

function operations(values: Values): Change[] {
  const { $set, $setOnce, $unset, ...plain } = values;
  return [
    ...setAll({ ...plain, ...object($set) }),
    ...Object.entries(object($setOnce)).map(([trait, value]): Change => ({ trait, op: 'once', value })),
    ...Object.keys(object($unset)).map((trait): Change => ({ trait, op: 'unset', value: null })),
  ];
}
