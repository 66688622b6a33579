import type { Cast } from './cast.ts';
import type { Deed } from './deeds.ts';
import type { Route } from './delivery.ts';
import type { Random } from './random.ts';
import type { Story, Way } from './story.ts';
import { PAGE } from './visits.ts';
import {
  type AmplitudeValues,
  amplitudeRecord,
  amplitudeSdkEvent,
  type Envelope,
  segmentCall,
  segmentSdkCall,
} from './wire.ts';

/** One element on its way to the service. */
export interface Message {
  route: Route;
  arrives: number;
  body: Record<string, unknown>;
}

const ROUTES: Record<Way, [Route, ...Route[]]> = {
  segment: ['segment'],
  'segment-batch': ['segment-batch'],
  'segment-sdk': ['sdk-segment'],
  amplitude: ['amplitude-events'],
  'amplitude-sdk': ['sdk-amplitude'],
  both: ['segment-batch', 'sdk-amplitude'],
  mail: ['segment-batch'],
};

/**
 * The account id that a story's ordinary events carry: none for those known by a group call or by their
 * mail.
 */
export function carriedAccount({ way, key }: Story): string | null {
  return way === 'segment' || way === 'mail' ? null : key;
}

/** Somebody did something: the event on the wire of the story's sender. */
export function tellDeed(story: Story, envelope: Envelope, deed: Deed, random: Random): Message {
  const [main, other = main] = ROUTES[story.way];
  const route = random() < 0.5 ? main : other;
  const { event, properties } = deed;
  const call =
    event === PAGE
      ? { type: 'page', name: String(properties.path), properties }
      : { type: 'track', event, properties };
  switch (route) {
    case 'amplitude-events': {
      // Teams name their events as they like; the tracking plan ignores case and underscores.
      const event_type = event.toLowerCase().replaceAll(' ', '_');
      const values = {
        event_type,
        event_properties: properties,
        group_properties: asTexts(aboutAccount(story)),
      };
      return { route, arrives: envelope.arrives, body: amplitudeRecord(envelope, values) };
    }
    case 'sdk-amplitude':
      return sdkAmplitude(envelope, { event_type: event, event_properties: properties });
    case 'sdk-segment':
      return { route, arrives: envelope.arrives, body: segmentSdkCall(envelope, call) };
    default:
      return { route, arrives: envelope.arrives, body: segmentCall(envelope, call) };
  }
}

/** Who somebody is. */
export function tellPerson(story: Story, envelope: Envelope): Message {
  const [route] = ROUTES[story.way];
  const traits = aboutPerson(envelope.who);
  switch (route) {
    case 'amplitude-events': {
      const values = { event_type: '$identify', user_properties: { $set: asTexts(traits) } };
      return { route, arrives: envelope.arrives, body: amplitudeRecord(envelope, values) };
    }
    case 'sdk-amplitude':
      return sdkAmplitude(envelope, { event_type: '$identify', user_properties: { $set: traits } });
    case 'sdk-segment':
      return {
        route,
        arrives: envelope.arrives,
        body: segmentSdkCall(envelope, { type: 'identify', traits }),
      };
    default: {
      const company = companyOfMail(story);
      const all = company === null ? traits : { ...traits, company };
      return {
        route,
        arrives: envelope.arrives,
        body: segmentCall(envelope, { type: 'identify', traits: all }),
      };
    }
  }
}

/** What account somebody belongs to, and what it is; null where the sender has no such call. */
export function tellAccount(story: Story, envelope: Envelope): Message | null {
  const [route] = ROUTES[story.way];
  const { arrives } = envelope;
  const traits = aboutAccount(story);
  const call = { type: 'group', groupId: story.key, traits };
  switch (route) {
    case 'amplitude-events':
      return null;
    case 'sdk-amplitude':
      return sdkAmplitude(envelope, { event_type: '$groupidentify', group_properties: { $set: traits } });
    case 'sdk-segment':
      return { route, arrives, body: segmentSdkCall(envelope, call) };
    default:
      return { route, arrives, body: segmentCall(envelope, call) };
  }
}

/** A page seen before anybody signed in: no user id yet. */
export function tellAnonymous(story: Story, envelope: Envelope, path: string): Message | null {
  const [route] = ROUTES[story.way];
  if (route !== 'segment' && route !== 'segment-batch') {
    return null;
  }
  const call = { type: 'page', name: path, properties: { path } };
  const { userId: _unknown, ...body } = segmentCall({ ...envelope, account: null }, call);
  return { route, arrives: envelope.arrives, body };
}

function sdkAmplitude(envelope: Envelope, values: AmplitudeValues): Message {
  return { route: 'sdk-amplitude', arrives: envelope.arrives, body: amplitudeSdkEvent(envelope, values) };
}

function aboutPerson({ email, name, title, department }: Cast): Record<string, string> {
  return { email, name, title, ...(department === null ? {} : { department }) };
}

function aboutAccount({ name, domain, fit }: Story): Record<string, unknown> {
  return { name, website: `https://www.${domain}`, plan: 'free', ...fit };
}

/** Without groups, the company rides on the identify, and has no id. */
function companyOfMail({ way, name, fit, groupedOn }: Story): Record<string, unknown> | null {
  return way === 'mail' && groupedOn === undefined && Object.keys(fit).length > 0 ? { name, ...fit } : null;
}

/** Event streaming forwards every property as text, lists as JSON. */
function asTexts(values: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );
}
