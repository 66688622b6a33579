import type { ReconciliationReport } from '../../read-model/reads.ts';
import { audit } from '../../store/fold/accounts.ts';
import { reconciliationReport } from '../../store/reads/report.ts';
import { reconcile as pass } from '../../wiring/reconcile.ts';
import { withCrms } from '../../wiring/with-crms.ts';
import { BY_HELP, BY_OPTIONS, byOf } from '../author.ts';
import { EXIT, limitOf, print, printJson, type Verb } from '../command.ts';
import { type RecordContext, withRecord } from '../context.ts';
import { table } from '../table.ts';

export const reconcile: Verb = {
  name: 'reconcile',
  usage: '[--sweep | --last] [--limit N]',
  summary:
    'Compares what is ours in the CRMs with what they acknowledged and with what is wanted, queues the repairs, and prints what differs and why. Writes nothing to a CRM itself.',
  options: {
    sweep: { type: 'boolean' },
    last: { type: 'boolean' },
    limit: { type: 'string' },
    ...BY_OPTIONS,
  },
  help: {
    sweep: 'to the end of the records, however many calls it takes',
    last: 'look at nothing; print what the last looks found',
    limit: 'differences to print (100)',
    ...BY_HELP,
  },
  run: ({ options, json }) =>
    withRecord(async (context) => {
      const limit = limitOf(options, 100);
      const sweep = options.sweep === true;
      const ends = options.last === true ? {} : await passes(context, sweep);
      if (options.last !== true) {
        await audit(context.db, 'reconciled', null, { sweep, ends }, Date.now(), byOf(options));
      }
      const report = await reconciliationReport(context.db, limit);
      if (json) {
        printJson({ ends, ...report });
      } else {
        print(textOf(report, ends));
      }
      return Object.values(ends).includes('failed') ? EXIT.failed : EXIT.done;
    }),
};

/** One pass of each CRM; how each ended, by CRM. */
function passes(context: RecordContext, sweep: boolean): Promise<Record<string, string>> {
  const { db, logger, config, mappings } = context;
  const now = () => Date.now();
  const deps = { db, logger, now, realNow: now, life: { stopping: false } };
  return withCrms(config, mappings, context, async (crms) => {
    const ends: Record<string, string> = {};
    for (const crm of crms) {
      const { connection } = await crm.connector.connect();
      const calls = sweep ? Number.POSITIVE_INFINITY : crm.mapping.reconcile.calls;
      ends[crm.name] = (await pass(deps, { crm, connection }, { calls, now: true })).end;
    }
    return ends;
  });
}

const ENDS: Record<string, string> = {
  done: 'every record was looked at',
  budget: 'the calls of one pass are used up; the next pass goes on here',
  failed: 'broken off; the next pass goes on here',
  busy: 'another process is at it',
  stopped: 'stopped; the next pass goes on here',
};

function textOf({ passes, drift }: ReconciliationReport, ends: Record<string, string>): string {
  const figures = Object.entries(passes).map(
    ([connection, { records, calls, repaired, startedAt, finishedAt, trouble }]) =>
      `${connection}: ${records} records since ${startedAt} with ${calls} calls, ${repaired} to be written again${finishedAt === null ? ', not at the end yet' : ''}${trouble === null ? '' : `; ${trouble}`}`,
  );
  const rows = drift.map((one) => [
    one.account,
    `${one.object} ${one.crmId}`,
    one.field || '(record)',
    one.why.replaceAll('_', ' '),
    short(one.found),
    short(one.wanted),
    one.done,
  ]);
  return [
    ...figures,
    ...Object.entries(ends).map(([crm, end]) => `${crm}: ${ENDS[end] ?? end}`),
    rows.length === 0
      ? 'nothing differs'
      : table(['account', 'record', 'field', 'why', 'found', 'wanted', 'repair'], rows),
  ].join('\n');
}

function short(value: unknown): string {
  return value === null ? '' : String(value).slice(0, 40);
}
