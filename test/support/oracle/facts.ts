/**
 * What was sent, as plain facts. Part of the oracle: a second, slow reading of the tracking plan and the
 * decisions, that
 * shares no code with src/. It knows what the demo and its own tests send, and throws on anything else.
 */
import { amplitudeCohort, amplitudeEvent } from './amplitude.ts';
import type { Fact, Values } from './fact.ts';
import { segmentCall } from './segment.ts';

/** One request of a sender. SDK bodies count as sent at `at`, so that their times need no correction. */
export interface Sent {
  at: number;
  route: string;
  body: unknown;
}

const DAY = 86_400_000;

/** Every fact once, by first hearing. Unreadable and impossible ones are left out. */
export function factsOf(sent: readonly Sent[]): Fact[] {
  const facts = new Map<string, Fact>();
  for (const one of [...sent].sort((a, b) => a.at - b.at)) {
    for (const fact of read(one)) {
      if (Number.isNaN(fact.at)) {
        throw new Error(`the oracle cannot read the time of ${fact.id}`);
      }
      const possible =
        fact.at >= Date.UTC(2000, 0, 1) && fact.at <= one.at + DAY && fact.at >= one.at - 400 * DAY;
      const named = fact.user !== null || fact.device !== null || fact.account !== null;
      if (possible && named && !facts.has(fact.id)) {
        facts.set(fact.id, { ...fact, at: Math.min(fact.at, one.at), heard: one.at });
      }
    }
  }
  return [...facts.values()];
}

function read({ at, route, body }: Sent): Fact[] {
  switch (route) {
    case 'segment':
    case 'segment-batch':
      return (Array.isArray(body) ? body : [body]).map((one) => segmentCall(one.json ?? one, at));
    case 'sdk-segment':
      return (body as { batch: Values[] }).batch.map((one) => segmentCall(one, at));
    case 'amplitude-events':
      return [amplitudeEvent(body as Values, at)];
    case 'sdk-amplitude':
      return (body as { events: Values[] }).events.map((one) => amplitudeEvent(one, at));
    case 'amplitude-cohort':
      return amplitudeCohort(body as Values, at);
    default:
      throw new Error(`the oracle knows no route ${route}`);
  }
}
