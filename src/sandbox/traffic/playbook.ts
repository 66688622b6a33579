import { DAY, HOUR, MINUTE } from '../../shared/time.ts';
import { cohortSyncs } from './cohorts.ts';
import { type Calendar, messagesOf } from './days.ts';
import type { DemoDay } from './delivery.ts';
import { pack } from './packing.ts';
import { type Random, repeatable } from './random.ts';
import { STORIES } from './stories/index.ts';
import type { Message } from './voice.ts';

export interface TrafficOptions extends Calendar {
  seed: number;
}

/** The message id of the one event that nobody can read. */
export const BAD_MESSAGE_ID = 'ajs-next-bad-event';

/**
 * Two weeks of a freemium product's traffic: `days` days from midnight UTC `start` (ms), the same for the
 * same
 * options. Each delivery has the time at which it arrives; nothing in it happened after that.
 */
export function demoTraffic({ start, days, seed }: TrafficOptions): DemoDay[] {
  const calendar = { start, days };
  const random = repeatable(seed);
  const messages = STORIES.flatMap((story) => messagesOf(story, calendar, random));
  const all = [...messages, ...twice(messages, random), ...badEvent(calendar)];
  const deliveries = [...pack(all, random), ...cohortSyncs(STORIES, calendar, random)].sort(
    (a, b) => a.at - b.at,
  );
  return Array.from({ length: days }, (_, day) => {
    const from = start + day * DAY;
    const end = from + DAY;
    return { day, start: from, end, deliveries: deliveries.filter(({ at }) => at >= from && at < end) };
  });
}

/** An event that matches two mappings of a Segment destination comes twice, with one message id. */
function twice(messages: readonly Message[], random: Random): Message[] {
  return messages
    .filter(({ route }) => route === 'segment-batch' && random() < 0.03)
    .map((message) => ({ ...message, route: 'segment', arrives: message.arrives + MINUTE }));
}

/** It names neither a user, nor a device, nor an account. It travels in a batch of good ones. */
function badEvent({ start, days }: Calendar): Message[] {
  const at = start + 5 * DAY + 10 * HOUR;
  const body = {
    type: 'track',
    event: 'Key Feature Used',
    messageId: BAD_MESSAGE_ID,
    timestamp: new Date(at).toISOString(),
    properties: { feature: 'reports' },
  };
  return days > 5 ? [{ route: 'segment-batch', arrives: at + MINUTE, body }] : [];
}
