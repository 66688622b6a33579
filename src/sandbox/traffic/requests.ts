import { createHmac } from 'node:crypto';
import type { Delivery } from './delivery.ts';

/** What the senders were given by whoever set them up. */
export interface Credentials {
  segmentSecret: string;
  /**
   * Sent in a header beside the signature when given: the signature covers only the first event of a batch.
   */
  segmentToken?: string;
  segmentWriteKey: string;
  amplitudeToken: string;
  amplitudeApiKey: string;
  /** The senders' clock, ms: SDKs say when they sent, and receivers correct the events' times by it. */
  now(): number;
}

export interface WireRequest {
  path: string;
  headers: Record<string, string>;
  body: string;
}

/** The request that a delivery's sender makes now. */
export function requestOf({ route, body }: Delivery, credentials: Credentials): WireRequest {
  switch (route) {
    case 'segment':
    case 'segment-batch':
      return segmentWebhook(body, credentials);
    case 'amplitude-events':
      return amplitudeWebhook('/webhooks/amplitude/events', body, credentials);
    case 'amplitude-cohort':
      return amplitudeWebhook('/webhooks/amplitude/cohorts', body, credentials);
    case 'sdk-segment':
      return segmentSdk(body, credentials);
    case 'sdk-amplitude':
      return amplitudeSdk(body, credentials);
  }
}

function segmentWebhook(body: unknown, { segmentSecret, segmentToken }: Credentials): WireRequest {
  const signature = createHmac('sha1', segmentSecret)
    .update(JSON.stringify(signedPart(body)))
    .digest('hex');
  return {
    path: '/webhooks/segment',
    headers: {
      'user-agent': 'Segment (Actions)',
      'x-signature': signature,
      ...(segmentToken === undefined ? {} : { 'x-webhook-token': segmentToken }),
    },
    body: JSON.stringify(body),
  };
}

/** Segment signs a batch by its first element alone, without the wrapper of the extensible webhook. */
function signedPart(body: unknown): unknown {
  if (!Array.isArray(body)) {
    return body;
  }
  const [first] = body as unknown[];
  return typeof first === 'object' && first !== null && 'json' in first ? first.json : first;
}

/** Amplitude signs nothing; a token stands in a header of the customer's choice. */
function amplitudeWebhook(path: string, body: unknown, { amplitudeToken }: Credentials): WireRequest {
  return {
    path,
    headers: { 'user-agent': 'Amplitude/Webhook/1.0', authorization: `Bearer ${amplitudeToken}` },
    body: JSON.stringify(body),
  };
}

function segmentSdk(body: unknown, { segmentWriteKey, now }: Credentials): WireRequest {
  const key = Buffer.from(`${segmentWriteKey}:`).toString('base64');
  const sentAt = new Date(now()).toISOString();
  return {
    path: '/v1/batch',
    headers: { 'user-agent': 'analytics-node-next/latest', authorization: `Basic ${key}` },
    body: JSON.stringify({ ...(body as object), writeKey: segmentWriteKey, sentAt }),
  };
}

function amplitudeSdk(body: unknown, { amplitudeApiKey, now }: Credentials): WireRequest {
  const client_upload_time = new Date(now()).toISOString();
  return {
    path: '/2/httpapi',
    headers: {},
    body: JSON.stringify({ api_key: amplitudeApiKey, ...(body as object), client_upload_time }),
  };
}
