import type { Cast } from './cast.ts';

/** What every message has, before a sender's wire shape is put around it. */
export interface Envelope {
  /** The sender's message id. */
  id: string;
  /** When it happened, ms. */
  at: number;
  /** When the service gets it, ms. */
  arrives: number;
  who: Cast;
  /** The account id that it carries; null: none. */
  account: string | null;
}

type Values = Record<string, unknown>;

/** A call of the Segment spec as webhooks deliver it, down to the write key that real payloads hold. */
export function segmentCall({ id, at, arrives, who, account }: Envelope, call: Values): Values {
  return {
    ...call,
    messageId: `ajs-next-${id}`,
    userId: who.id,
    anonymousId: who.deviceId,
    timestamp: iso(at),
    originalTimestamp: iso(at),
    sentAt: iso(arrives),
    receivedAt: iso(arrives),
    context: {
      ...(account === null ? {} : { groupId: account }),
      library: { name: 'analytics.js', version: 'next-1.84.3' },
    },
    integrations: {},
    channel: 'browser',
    projectId: 'demo-project',
    writeKey: 'demo-source-write-key',
    version: 2,
  };
}

/** A call as `@segment/analytics-node` puts it into its batch. */
export function segmentSdkCall({ id, at, who, account }: Envelope, call: Values): Values {
  return {
    timestamp: iso(at),
    integrations: {},
    ...call,
    context: {
      ...(account === null ? {} : { groupId: account }),
      library: { name: '@segment/analytics-node', version: '3.1.0' },
    },
    userId: who.id,
    messageId: `node-next-${at}-${id}`,
    _metadata: { nodeVersion: 'v24.21.0', jsRuntime: 'node' },
  };
}

/** What an Amplitude event may hold beside its envelope. Groups are of the type `company`. */
export interface AmplitudeValues {
  event_type: string;
  event_properties?: Values;
  user_properties?: Values;
  group_properties?: Values;
}

/** The Export record of event streaming: times in UTC with a blank and no zone, groups as lists. */
export function amplitudeRecord(
  { id, at, arrives, who, account }: Envelope,
  values: AmplitudeValues,
): Values {
  return {
    app: 4711,
    ...values,
    event_time: exportTime(at),
    client_event_time: exportTime(at),
    server_received_time: exportTime(arrives),
    server_upload_time: exportTime(arrives),
    user_id: who.id,
    device_id: who.deviceId,
    uuid: id,
    $insert_id: `i-${id}`,
    session_id: -1,
    event_properties: values.event_properties ?? {},
    user_properties: values.user_properties ?? {},
    groups: account === null ? {} : { company: [account] },
    group_properties:
      account === null || values.group_properties === undefined
        ? {}
        : { company: { [account]: values.group_properties } },
    library: 'amplitude-ts/2.16.1',
  };
}

/** An event as `@amplitude/analytics-node` puts it into its request. */
export function amplitudeSdkEvent({ id, at, who, account }: Envelope, values: AmplitudeValues): Values {
  return {
    user_id: who.id,
    device_id: who.deviceId,
    time: at,
    insert_id: id,
    library: 'amplitude-node-ts/1.5.73',
    ...(account === null ? {} : { groups: { company: account } }),
    ...values,
  };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}

function exportTime(at: number): string {
  return `${iso(at).replace('T', ' ').replace('Z', '')}000`;
}
