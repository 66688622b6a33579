import { clockSkew } from '../events/clock-rules.ts';
import type { JournalEntry } from '../events/journal.ts';
import { type AmplitudeOptions, translateAmplitude } from './amplitude/translate.ts';
import type { Arrival } from './arrival.ts';
import { SDK_AMPLITUDE } from './routes/amplitude-sdk.ts';
import { AMPLITUDE_EVENTS } from './routes/amplitude-webhooks.ts';
import { SDK_SEGMENT } from './routes/segment-sdk.ts';
import { SEGMENT_WEBHOOK } from './routes/segment-webhook.ts';
import { type SegmentOptions, translateSegment } from './segment/translate.ts';

/** What elements are read with now. */
export interface ReadingNow {
  segment: SegmentOptions;
  amplitude: AmplitudeOptions;
  horizonDays: number;
}

/** An element that was quarantined. */
export interface Quarantined {
  vendor: 'segment' | 'amplitude';
  route: string;
  raw: string;
  /** ms. */
  receivedAt: number;
}

/**
 * Reads a quarantined element once more, as it was received then, with the rules of now. null: what was kept of it is not
 * enough, because its meaning hangs on the request that it was part of, or it was cut.
 */
export function readAgain(
  now: ReadingNow,
  { vendor, route, raw, receivedAt }: Quarantined,
): JournalEntry[] | null {
  const element = parsed(raw);
  if (element === undefined) {
    return null;
  }
  const direct = route === SDK_SEGMENT || route === SDK_AMPLITUDE;
  const skew = clockSkew(undefined, receivedAt);
  const arrival: Arrival = { vendor, route, receivedAt, horizonDays: now.horizonDays, skew, direct };
  switch (route) {
    case SEGMENT_WEBHOOK:
    case SDK_SEGMENT:
      return translateSegment(element, arrival, now.segment);
    case AMPLITUDE_EVENTS:
    case SDK_AMPLITUDE:
      return translateAmplitude(element, arrival, now.amplitude);
    default:
      return null;
  }
}

function parsed(raw: string): unknown {
  try {
    return JSON.parse(raw);
  } catch {
    return undefined;
  }
}
