import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { audit } from '../../store/fold/accounts.ts';
import type { WritePlan } from '../../sync/write-plan.ts';
import { WrongMapping } from '../../wiring/connections.ts';
import { applyPlan, type SyncReport } from '../../wiring/sync.ts';
import { withCrms } from '../../wiring/with-crms.ts';
import { BY_HELP, BY_OPTIONS, byOf } from '../author.ts';
import {
  ConfigurationError,
  EXIT,
  type Options,
  print,
  printJson,
  UsageError,
  type Verb,
} from '../command.ts';
import { type RecordContext, withRecord } from '../context.ts';
import { table } from '../table.ts';

export const sync: Verb = {
  name: 'sync',
  usage: '[--plan FILE]',
  summary:
    'Writes what waits to the CRMs and says what became of it. With --plan exactly what pql plan --out wrote down; what has changed since is left alone, with the reason. Writes by collections only, and waits a minute at most for what is tried again: the rest is left to the next run, or to the service.',
  options: { plan: { type: 'string' }, ...BY_OPTIONS },
  help: { plan: 'a file of pql plan --out', ...BY_HELP },
  run: ({ options, json }) => {
    const plan = planOf(options);
    return withRecord(async (context) => {
      const report = await apply(context, plan);
      const detail = { planned: plan !== null, acts: report.applied.length };
      await audit(context.db, 'synced by hand', null, detail, Date.now(), byOf(options));
      if (json) {
        printJson(report);
      } else {
        print(textOf(report));
      }
      return isComplete(report) ? EXIT.done : EXIT.failed;
    });
  },
};

/** What is read of a plan; the rest is for people. */
const planSchema = z.looseObject({
  version: z.literal(1),
  acts: z.array(
    z.looseObject({
      id: z.guid(),
      crm: z.string(),
      connection: z.string(),
      kind: z.string(),
      account: z.string(),
      rev: z.int(),
      state: z.enum(['waiting', 'parked']),
    }),
  ),
  writes: z.array(
    z.looseObject({
      act: z.string(),
      object: z.string(),
      ref: z.string(),
      after: z.record(z.string(), z.unknown()),
    }),
  ),
});

function planOf({ plan: file }: Options): WritePlan | null {
  if (file === undefined) {
    return null;
  }
  let text: string;
  try {
    text = readFileSync(String(file), 'utf8');
  } catch (error) {
    throw new UsageError(`--plan: ${String(file)} cannot be read: ${(error as Error).message}`);
  }
  const read = planSchema.safeParse(asJson(text));
  if (!read.success) {
    throw new UsageError(`--plan: ${String(file)} is no plan of pql plan --out`);
  }
  return read.data as unknown as WritePlan;
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

async function apply(context: RecordContext, plan: WritePlan | null): Promise<SyncReport> {
  const { db, logger, config, mappings } = context;
  const now = () => Date.now();
  const life = { stopping: false };
  const { team } = mappings.handoff;
  const deps = { db, logger, now, realNow: now, random: Math.random, team: () => team, life };
  try {
    return await withCrms(config, mappings, context, (crms) => applyPlan(deps, crms, plan));
  } catch (error) {
    throw error instanceof WrongMapping ? new ConfigurationError(error.message) : error;
  }
}

function isComplete({ applied, stopped }: SyncReport): boolean {
  return (
    Object.keys(stopped).length === 0 && applied.every(({ state }) => state === 'done' || state === 'skipped')
  );
}

function textOf({ applied, stopped }: SyncReport): string {
  const counts = Map.groupBy(applied, ({ state }) => state);
  const rest = applied.filter(({ state }) => state !== 'done');
  const figures = [...counts].map(([state, acts]) => `${acts.length} ${state}`).join(', ');
  return [
    figures || 'nothing waits',
    ...(rest.length === 0
      ? []
      : [
          table(
            ['crm', 'account', 'act', 'state', 'reason'],
            rest.map((one) => [one.crm, one.account, one.kind, one.state, one.reason]),
          ),
        ]),
    ...Object.entries(stopped).map(([crm, why]) => `${crm}: ${why}`),
  ].join('\n');
}
