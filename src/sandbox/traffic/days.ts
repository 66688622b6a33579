import { DAY, HOUR, MINUTE, SECOND } from '../../shared/time.ts';
import { type Cast, castOf } from './cast.ts';
import type { Deed } from './deeds.ts';
import { scenesOf } from './plot.ts';
import { type Random, uuid, whole } from './random.ts';
import type { Story } from './story.ts';
import { visit } from './visits.ts';
import { carriedAccount, type Message, tellAccount, tellAnonymous, tellDeed, tellPerson } from './voice.ts';
import type { Envelope } from './wire.ts';

export interface Calendar {
  /** Midnight UTC of day 0, ms. */
  start: number;
  days: number;
}

/** Working hours: everything happens between these, UTC. */
const OPENS = 9 * HOUR;
const CLOSES = 17 * HOUR;
/** Nothing arrives later than this on the last day. */
const LAST_POST = 21 * HOUR;

/** Everything that one account's senders send over the days, in no order. */
export function messagesOf(story: Story, calendar: Calendar, random: Random): Message[] {
  const acts = actsOf(story, calendar, random);
  const people = [...castOf(story).values()].filter((who) => acts.some((act) => act.who === who.id));
  return [
    ...people.flatMap((who) => {
      const first = Math.min(...acts.filter((act) => act.who === who.id).map((act) => act.day));
      return introduction(story, who, calendar.start + first * DAY, random);
    }),
    ...groupedLater(story, people, calendar, random),
    ...acts.map((act) => {
      const who = castOf(story).get(act.name) as Cast;
      const envelope = {
        id: uuid(random),
        at: act.at,
        arrives: act.arrives,
        who,
        account: carriedAccount(story),
      };
      return tellDeed(story, envelope, act.deed, random);
    }),
  ];
}

interface Act {
  day: number;
  who: string;
  name: string;
  at: number;
  arrives: number;
  deed: Deed;
}

/** What the plot names, in its order within the day, and the visits around it. */
function actsOf(story: Story, calendar: Calendar, random: Random): Act[] {
  const scenes = scenesOf(story).filter(({ toldOn }) => toldOn < calendar.days);
  const plotted = scenes.flatMap(({ day, toldOn, who, deeds }, order) =>
    deeds.map((deed, i): Act => {
      const at =
        calendar.start + day * DAY + OPENS + (order % 6) * HOUR + i * MINUTE + whole(random, 0, 59) * SECOND;
      const arrives = toldOn === day ? soon(at, random) : at + (toldOn - day) * DAY;
      return { day, who: who.id, name: who.firstName, at, arrives, deed };
    }),
  );
  return [...plotted, ...visitsOf(story, plotted, calendar, random)];
}

function visitsOf(story: Story, plotted: readonly Act[], calendar: Calendar, random: Random): Act[] {
  const lastDay = Math.min(story.lastDay ?? calendar.days - 1, calendar.days - 1);
  const opening = Math.min(...plotted.map((act) => act.day));
  return [...castOf(story).values()].flatMap((who) => {
    const own = plotted.filter((act) => act.who === who.id).map((act) => act.day);
    const acts: Act[] = [];
    for (let day = own.length > 0 ? Math.min(...own) : opening + 1; day <= lastDay; day++) {
      for (const deed of visit(random, story.pace)) {
        const at = calendar.start + day * DAY + whole(random, OPENS, CLOSES);
        const arrives = Math.min(late(at, random), calendar.start + (calendar.days - 1) * DAY + LAST_POST);
        acts.push({ day, who: who.id, name: who.firstName, at, arrives, deed });
      }
    }
    return acts;
  });
}

/** First pages seen without a name, then who it is, then whose account. All before the working day begins. */
function introduction(story: Story, who: Cast, dayStart: number, random: Random): Message[] {
  const at = dayStart + 8 * HOUR + whole(random, 0, 30) * MINUTE;
  const envelope = (after: number): Envelope => ({
    id: uuid(random),
    at: at + after,
    arrives: soon(at + after, random),
    who,
    account: carriedAccount(story),
  });
  const messages = [
    tellAnonymous(story, envelope(0), '/'),
    tellAnonymous(story, envelope(2 * MINUTE), '/pricing'),
    tellPerson(story, envelope(5 * MINUTE)),
    story.way === 'mail' ? null : tellAccount(story, envelope(5 * MINUTE + SECOND)),
  ];
  return messages.filter((message) => message !== null);
}

/** The one group call of an account that was known by its mail domain before. */
function groupedLater(
  story: Story,
  [who]: readonly Cast[],
  { start, days }: Calendar,
  random: Random,
): Message[] {
  const { groupedOn } = story;
  if (groupedOn === undefined || groupedOn >= days || who === undefined) {
    return [];
  }
  const at = start + groupedOn * DAY + 8 * HOUR;
  const call = tellAccount(story, { id: uuid(random), at, arrives: soon(at, random), who, account: null });
  return call === null ? [] : [call];
}

function soon(at: number, random: Random): number {
  return at + whole(random, 2, 45) * SECOND;
}

/**
 * Most events come at once; some hours later, out of order; a few days later, when a device is online
 * again.
 */
function late(at: number, random: Random): number {
  const chance = random();
  if (chance < 0.9) {
    return soon(at, random);
  }
  return chance < 0.98 ? at + whole(random, 1, 4) * HOUR : at + whole(random, 1, 3) * DAY;
}
