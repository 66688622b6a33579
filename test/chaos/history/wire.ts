import type { Route } from '../../../src/sandbox/traffic/delivery.ts';
import { pick, type Random } from '../../../src/sandbox/traffic/random.ts';
import {
  amplitudeRecord,
  amplitudeSdkEvent,
  segmentCall,
  segmentSdkCall,
} from '../../../src/sandbox/traffic/wire.ts';

/** By which way a sender tells of it: any that has such a call. */
export function routeOf({ type }: Record<string, unknown>, random: Random): Route {
  const all = ['segment', 'segment-batch', 'sdk-segment', 'sdk-amplitude', 'amplitude-events'] as const;
  return type === 'group'
    ? pick(random, ['segment', 'segment-batch', 'sdk-segment', 'sdk-amplitude'])
    : pick(random, all);
}

type Envelope = Parameters<typeof segmentCall>[0];

/** The call in the shape of that way. */
export function wire(
  route: Route,
  envelope: Envelope,
  call: Record<string, unknown>,
): Record<string, unknown> {
  if (route === 'segment' || route === 'segment-batch') {
    const body = segmentCall(envelope, call);
    return envelope.who.id === '' ? { ...body, userId: null } : body;
  }
  if (route === 'sdk-segment') {
    return segmentSdkCall(envelope, call);
  }
  const values = amplitudeValues(call);
  return route === 'sdk-amplitude' ? amplitudeSdkEvent(envelope, values) : amplitudeRecord(envelope, values);
}

function amplitudeValues({ type, event, properties, traits }: Record<string, unknown>) {
  switch (type) {
    case 'identify':
      return { event_type: '$identify', user_properties: { $set: traits } };
    case 'group':
      return { event_type: '$groupidentify', group_properties: { $set: traits as object } };
    default:
      return { event_type: String(event), event_properties: properties as Record<string, unknown> };
  }
}
