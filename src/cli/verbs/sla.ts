import { type SlaFigures, type Spread, spanInWords } from '../../decide/handoff/sla-report.ts';
import {
  CLOCK_STATES,
  parseSince,
  SINCE_FORM,
  type SlaQuestion,
  type SlaReport,
  slaReport,
} from '../../read-model/sla.ts';
import { didYouMean } from '../../shared/config-file.ts';
import { minuteOf, SECOND } from '../../shared/time.ts';
import { EXIT, limitOf, type Options, print, printJson, UsageError, type Verb } from '../command.ts';
import { withRecord } from '../context.ts';
import { table } from '../table.ts';

export const sla: Verb = {
  name: 'sla',
  usage: `[--owner NAME] [--tier TIER] [--state ${CLOCK_STATES.join('|')}] [--since 30d] [--limit N]`,
  summary:
    'Promises of first contact: which are open, due soon or broken, and how long it took until somebody got in touch.',
  options: {
    owner: { type: 'string' },
    tier: { type: 'string' },
    state: { type: 'string' },
    since: { type: 'string' },
    limit: { type: 'string' },
  },
  help: {
    owner: 'only of this owner, as the CRM names them',
    tier: 'only of crossings into this tier',
    state: 'list those that stand so (those that run)',
    since: SINCE_FORM,
    limit: 'how many are listed (50)',
  },
  run: ({ options, json }) => {
    const now = Date.now();
    const question = questionOf(options, now);
    return withRecord(async ({ read, mappings }) => {
      const report = await slaReport(read.listClocks, mappings.handoff, question, now);
      if (json) {
        printJson(report);
      } else {
        print(textOf(report).join('\n'));
      }
      return EXIT.done;
    });
  },
};

function questionOf(options: Options, now: number): SlaQuestion {
  const state = CLOCK_STATES.find((one) => one === options.state) ?? null;
  if (options.state !== undefined && state === null) {
    const nearest = didYouMean(String(options.state), CLOCK_STATES);
    throw new UsageError(
      `--state: found ${String(options.state)}; allowed: ${CLOCK_STATES.join(', ')}${nearest}`,
    );
  }
  const since = parseSince(String(options.since ?? '30d'), now);
  if (since === null) {
    throw new UsageError(`--since: found ${String(options.since)}; allowed: ${SINCE_FORM}`);
  }
  const { owner, tier } = options;
  return {
    owner: typeof owner === 'string' ? owner : null,
    tier: typeof tier === 'string' ? tier : null,
    state,
    since,
    limit: limitOf(options, 50),
  };
}

function textOf({ since, clocks, more, figures, byTier, byPromise, byOwner }: SlaReport): string[] {
  const rows = clocks.map((one) => [
    one.account,
    one.tier,
    one.owner,
    minuteOf(one.due),
    one.state,
    one.words,
  ]);
  return [
    clocks.length === 0
      ? 'no such promise'
      : table(['account', 'tier', 'owner', 'due (UTC)', 'state', ''], rows),
    ...(more ? ['and more: --limit'] : []),
    '',
    ...(figures === null
      ? ['figures of one owner: report_by_owner in handoff.yaml']
      : [
          `since ${since.slice(0, 10)}, and all that run:`,
          figuresTable({
            all: figures,
            ...prefixed('tier', byTier),
            ...prefixed('promise', byPromise),
            ...prefixed('owner', byOwner ?? {}),
          }),
          ...bucketLines(figures),
        ]),
  ];
}

function prefixed(what: string, groups: Record<string, SlaFigures>): Record<string, SlaFigures> {
  return Object.fromEntries(Object.entries(groups).map(([name, one]) => [`${what} ${name}`, one]));
}

function figuresTable(groups: Record<string, SlaFigures>): string {
  const head = [
    '',
    'open',
    'due soon',
    'breached',
    'met',
    'withdrawn',
    'met share',
    'first touch',
    'working',
  ];
  const rows = Object.entries(groups).map(([name, one]) => [
    name,
    one.open,
    one.dueSoon,
    one.running === one.breached ? one.breached : `${one.breached} (${one.running} still)`,
    one.met,
    one.withdrawn,
    one.metShare === null ? '' : `${Math.round(one.metShare * 100)} %`,
    spreadInWords(one.firstTouch),
    spreadInWords(one.firstTouch.working),
  ]);
  return table(head, rows);
}

function bucketLines({ firstTouch, systemDelay, humanDelay }: SlaFigures): string[] {
  const { within5Minutes, within1Hour, within4Hours, within24Hours, later, never } = firstTouch.buckets;
  return [
    '',
    `first touch within 5 min ${within5Minutes}, 1 h ${within1Hour}, 4 h ${within4Hours}, 24 h ${within24Hours}, later ${later}, never ${never}`,
    `system delay, from the event to the task in the CRM: ${spreadInWords(systemDelay) || 'not known yet'}`,
    `human delay, from the task to the first touch: ${spreadInWords(humanDelay) || 'not known yet'}`,
    `  in working time: ${spreadInWords(humanDelay.working) || 'not known yet'}`,
    '(the median / what 90 of 100 have at most)',
  ];
}

function spreadInWords({ median, p90 }: Spread): string {
  return median === null || p90 === null
    ? ''
    : `${spanInWords(median * SECOND)} / ${spanInWords(p90 * SECOND)}`;
}
