/** Where a code comes from: a CRM, this program on its way to one, or an event that could not be taken in. */
export type Source = 'hubspot' | 'salesforce' | 'slack' | 'pql' | 'events';

/** What becomes of the record, or the event, by itself. */
export type Fate =
  | 'retry'
  | 'wait'
  | 'look_first'
  | 'once_more'
  | 'alert_again'
  | 'rematch'
  | 'park'
  | 'pause'
  | 'skip'
  | 'quarantine';

/** One error that an operator can meet. Codes are stable: they are filtered by, and never get another meaning. */
export interface Entry {
  source: Source;
  code: string;
  fate: Fate;
  /** What it means and what usually causes it. */
  cause: string;
  /** What a person does about it. */
  remedy: string;
}

/** Code, fate, cause, remedy; the remedy of what mends itself may be left out. */
export type Row = [code: string, fate: Fate, cause: string, remedy?: string];

/** A remedy of what is parked by its code. */
export function thenRetry(what: string): string {
  return `${what}; then \`pql errors retry --code CODE\`.`;
}

/** Remedy where a CRM refuses a value. */
export const VALUE = thenRetry('Correct the value in the product data, or the mapping');

const NOTHING = 'Nothing, unless it comes again and again: then its words say where to look.';

export function entries(source: Source, rows: readonly Row[]): Entry[] {
  return rows.map(([code, fate, cause, remedy = NOTHING]) => ({ source, code, fate, cause, remedy }));
}

/** The fate in a sentence. */
export const FATES: Record<Fate, string> = {
  retry:
    'It is tried again by itself, after a second, then two, four and so on up to an hour. After 12 attempts it is parked.',
  wait: 'It is tried again by itself every few minutes, however long it lasts: no record is to blame.',
  look_first:
    'The write may have arrived. What a repeat cannot harm is written again; a task is looked for first, so that there are never two.',
  alert_again:
    'The message may have arrived. An alert is sent once more after a minute and says that it may be a repeat; what only tells how an account stands is not.',
  once_more: 'It is tried once more after half a minute, then parked.',
  rematch: 'The stored link is forgotten, and the record is matched (or made) again at once.',
  park: 'The record is parked with the words of the CRM until you retry or dismiss it. Other records go on.',
  pause: 'Everything for this CRM pauses and goes on by itself. Nothing is lost, and no attempt is counted.',
  skip: 'Nothing is written, and the act is done with. The reason stands beside it.',
  quarantine: 'The event is kept in quarantine, untouched, and counts for no score.',
};
