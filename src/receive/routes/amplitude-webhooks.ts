import type { JournalEntry } from '../../events/journal.ts';
import { refusal } from '../../events/refusal.ts';
import { cohortsOf, eventsOf } from '../amplitude/bodies.ts';
import { translateCohort } from '../amplitude/cohorts.ts';
import { areTooMany, holdsTooManyValues } from '../amplitude/size.ts';
import { type AmplitudeOptions, translateAmplitude } from '../amplitude/translate.ts';
import type { Arrival } from '../arrival.ts';
import { carriesToken } from '../http/credentials.ts';
import { readBody } from '../http/read-body.ts';
import { tooManyElements, unauthorized, webhookOff } from '../http/reply.ts';
import { ELEMENTS_MAX } from '../http/room.ts';
import type { Handler } from '../http/serve.ts';
import { acknowledge, type Visit } from '../intake.ts';
import { parseJson } from '../json-text.ts';
import { quarantined } from '../quarantine.ts';

export const AMPLITUDE_EVENTS = 'amplitude.events';
export const AMPLITUDE_COHORTS = 'amplitude.cohorts';

/** One event per request; Amplitude's own limit for an event upload. */
const EVENTS_CAP = 1024 * 1024;
/** 10,000 users of 50 properties, and room. */
const COHORTS_CAP = 32 * 1024 * 1024;

const BAD_TEMPLATE = refusal('bad_json', 'The body is not JSON; check the template in Amplitude.');

interface Kind {
  route: string;
  cap: number;
  elementsOf(body: unknown): unknown[];
  tooMany(elements: readonly unknown[]): boolean;
  translate(element: unknown, arrival: Arrival, options: AmplitudeOptions): JournalEntry[];
}

/** Amplitude event streaming: events in the Export shape, and users. */
export const receiveAmplitudeEvents = receiver({
  route: AMPLITUDE_EVENTS,
  cap: EVENTS_CAP,
  elementsOf: eventsOf,
  tooMany: (events) => events.length > ELEMENTS_MAX,
  translate: translateAmplitude,
});

/** Amplitude cohort webhooks. */
export const receiveAmplitudeCohorts = receiver({
  route: AMPLITUDE_COHORTS,
  cap: COHORTS_CAP,
  elementsOf: cohortsOf,
  tooMany: areTooMany,
  translate: translateCohort,
});

/**
 * Amplitude repeats whatever is not a 2xx up to ten times, so an element that we refuse is kept in quarantine and
 * acknowledged, a template's broken JSON included. Only what is too large to be kept is refused: acknowledged, it would be
 * lost without a word, and refused, it comes ten times at most and shows in Amplitude as failed.
 */
function receiver({ route, cap, elementsOf, tooMany, translate }: Kind): Handler {
  return async (request, intake) => {
    const token = intake.config.amplitudeToken;
    if (token === undefined) {
      return webhookOff('AMPLITUDE_WEBHOOK_TOKEN');
    }
    if (!carriesToken(request, token)) {
      return unauthorized('The token is missing or wrong.');
    }
    const body = await readBody(request, cap, intake.held);
    if (!body.ok) {
      return body.error;
    }
    const entries = holdsTooManyValues(body.value) ? null : entriesOf(body.value, intake);
    return entries === null ? tooManyElements() : acknowledge(intake, route, entries);
  };

  /** null: too many elements for one request. */
  function entriesOf(body: Buffer, intake: Visit): JournalEntry[] | null {
    const arrival = intake.arrival('amplitude', route);
    const parsed = parseJson(body);
    if (!parsed.ok) {
      return [quarantined(arrival, BAD_TEMPLATE, body.toString('utf8'), null)];
    }
    const elements = elementsOf(parsed.value);
    return tooMany(elements)
      ? null
      : elements.flatMap((element) => translate(element, arrival, intake.amplitude));
  }
}
