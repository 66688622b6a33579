import { didYouMean } from '../../shared/did-you-mean.ts';
import { type Entry, entries, FATES, type Source } from './entry.ts';
import { HUBSPOT } from './hubspot.ts';
import { EVENTS, OWN } from './own.ts';
import { SALESFORCE } from './salesforce.ts';
import { SLACK } from './slack.ts';

/** Every error that is documented: a page of docs/errors stands for each. */
export const CATALOGUE: readonly Entry[] = [
  ...entries('hubspot', HUBSPOT),
  ...entries('salesforce', SALESFORCE),
  ...entries('slack', SLACK),
  ...entries('pql', OWN),
  ...entries('events', EVENTS),
];

/**
 * The entry of a code. A CRM may answer with a code that nobody documented: null then.
 *
 * @param where the CRM it was met in; `events` for quarantine; null: wherever the code is known
 */
export function entryOf(code: string, where: Source | null): Entry | null {
  const known = CATALOGUE.filter((entry) => entry.code === code);
  const own = (entry: Entry) => where === null || entry.source === where || entry.source === 'pql';
  return known.find((entry) => entry.source === where) ?? known.find(own) ?? null;
}

/** Page of an entry, below the project's folder. */
export function pageOf({ source, code }: Pick<Entry, 'source' | 'code'>): string {
  return `docs/errors/${source}/${code}.md`;
}

export function pageText(entry: Entry): string {
  const remedy = entry.remedy.replaceAll('CODE', entry.code);
  return [
    `# ${entry.code}`,
    '',
    SOURCES[entry.source],
    '',
    '## Cause',
    '',
    entry.cause,
    '',
    '## What happens by itself',
    '',
    FATES[entry.fate],
    '',
    '## What to do',
    '',
    remedy,
    '',
  ].join('\n');
}

export function indexText(): string {
  const sections = (Object.keys(SOURCES) as Source[]).flatMap((source) => [
    `## ${SOURCES[source]}`,
    '',
    '| code | what happens | cause |',
    '| --- | --- | --- |',
    ...CATALOGUE.filter((entry) => entry.source === source).map(
      ({ code, fate, cause }) => `| [${code}](${source}/${code}.md) | ${SHORT[fate]} | ${cause} |`,
    ),
    '',
  ]);
  return [
    '# Errors',
    '',
    '`pql errors list` shows what needs a person, `pql errors show ID` everything that is known of one: record, field, value, the',
    "CRM's own words, attempts, next try and remedy. `pql errors show CODE` prints the page of a code.",
    '',
    'Written by `npm run docs:errors` from the catalogue in `src/sync/catalogue`. A CRM may answer with a code that stands nowhere',
    'here: its record is parked with the words of the CRM.',
    '',
    ...sections,
  ].join('\n');
}

/** The code that a mistyped one probably is, in a sentence; '' when none is near. */
export function nearestCode(code: string): string {
  return didYouMean(
    code,
    CATALOGUE.map((entry) => entry.code),
  );
}

const SOURCES: Record<Source, string> = {
  hubspot: 'Answers of HubSpot',
  salesforce: 'Answers of Salesforce',
  slack: 'Answers of Slack',
  pql: 'Found by pql-bridge on the way to a CRM',
  events: 'Events in quarantine',
};

const SHORT: Record<Entry['fate'], string> = {
  retry: 'tried again',
  wait: 'tried again until it works',
  look_first: 'looked up, then tried again',
  alert_again: 'an alert is sent once more',
  once_more: 'tried once more, then parked',
  rematch: 'matched again',
  park: 'parked',
  pause: 'the CRM pauses',
  skip: 'skipped',
  quarantine: 'quarantine',
};
