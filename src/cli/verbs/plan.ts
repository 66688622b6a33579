import { writeFileSync } from 'node:fs';
import { shownOnLine } from '../../shared/shown-text.ts';
import { planWrites } from '../../store/read/plan.ts';
import type { PlannedWrite, WritePlan } from '../../sync/write-plan.ts';
import { EXIT, limitOf, print, printJson, type Verb } from '../command.ts';
import { withRecord } from '../context.ts';
import { budgetInWords, table } from '../table.ts';

export const plan: Verb = {
  name: 'plan',
  usage: '[--account KEY] [--out FILE] [--limit N]',
  summary:
    'What would be written to the CRMs now: creates, updates, skips and what is invalid, before and after, and how many calls it takes. Sends nothing.',
  options: { account: { type: 'string' }, out: { type: 'string' }, limit: { type: 'string' } },
  help: {
    account: 'only this account, with every field before and after',
    out: 'write the plan to a file, for pql sync --plan',
    limit: 'how many records to print (50)',
  },
  run: ({ json, options }) => {
    const limit = limitOf(options, 50);
    return withRecord(async ({ db }) => {
      const found = await planWrites(db, Date.now());
      if (options.out !== undefined) {
        writeFileSync(String(options.out), `${JSON.stringify(found)}\n`);
      }
      const account = options.account === undefined ? null : String(options.account);
      const writes = account === null ? found.writes : found.writes.filter((one) => one.account === account);
      if (json) {
        printJson({ ...found, writes });
      } else {
        print((account === null ? overview(found, limit) : writes.flatMap(inFull)).join('\n') || 'nothing');
      }
      return EXIT.done;
    });
  },
};

function overview({ writes, counts, calls, budget }: WritePlan, limit: number): string[] {
  const shown = writes.filter(({ what }) => what !== 'skip').slice(0, limit);
  const rows = shown.map((one) => [
    one.crm,
    one.account,
    one.object,
    one.what,
    changes(one).join(', ').slice(0, 100),
  ]);
  const figures = Object.entries(counts).flatMap(([crm, objects]) =>
    Object.entries(objects).map(([object, { create, update, skip, invalid }]) => [
      crm,
      object,
      create,
      update,
      skip,
      invalid,
    ]),
  );
  const left = writes.length - shown.length;
  return [
    ...(shown.length === 0
      ? ['nothing would be written']
      : [table(['crm', 'account', 'record', 'what', 'fields'], rows)]),
    ...(shown.length > 0 && left > 0
      ? [`and ${left} more, skips included: --limit, --account or --json`]
      : []),
    ...(figures.length === 0
      ? []
      : ['', table(['crm', 'record', 'creates', 'updates', 'skips', 'invalid'], figures)]),
    ...Object.keys({ ...calls, ...budget }).map((crm) => {
      const { write, lookUp } = calls[crm] ?? { write: 0, lookUp: 0 };
      return `${crm}: about ${write} calls to write and ${lookUp} to look for records; ${budgetInWords(budget[crm])}`;
    }),
  ];
}

function inFull(one: PlannedWrite): string[] {
  const record = [one.crm, one.object, one.ref, one.crmId].filter((part) => part !== null).join(' ');
  const why = one.why === null ? '' : ` (${one.why})`;
  return [`${record}: ${one.what}${why}`, ...changes(one).flatMap(linesOf)].map(shownOnLine);
}

/** A text of several lines keeps them, each marked as part of it. */
function linesOf(change: string): string[] {
  return change.split('\n').map((line, i) => (i === 0 ? `  ${line}` : `    | ${line}`));
}

function changes({ before, after }: PlannedWrite): string[] {
  return Object.entries(after).map(([field, value]) =>
    before === null ? `${field}=${String(value)}` : `${field}: ${shown(before[field])} -> ${shown(value)}`,
  );
}

/** A field that was cleared holds nothing, in whichever form the CRM says so. */
function shown(value: unknown): string {
  return value === undefined || value === null || value === '' ? 'empty' : String(value);
}
