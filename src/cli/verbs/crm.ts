import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../../config.ts';
import { metadataFolder } from '../../crm/salesforce/folder.ts';
import { hasEmbedded } from '../../store/embedded/server.ts';
import { audit, type By } from '../../store/fold/accounts.ts';
import type { SetupStep } from '../../sync/crm.ts';
import type { Crm } from '../../wiring/crms.ts';
import { mappedFields, readsDeals } from '../../wiring/mapped.ts';
import { setUp } from '../../wiring/set-up.ts';
import { withCrms } from '../../wiring/with-crms.ts';
import { BY_HELP, BY_OPTIONS, byOf } from '../author.ts';
import { complain, EXIT, type Options, print, printJson, UsageError, type Verb } from '../command.ts';
import { configOrThrow, mappingsOrThrow, withDatabase, withRecord } from '../context.ts';
import { crmLinks } from '../crm-links.ts';
import { table } from '../table.ts';

type Step = SetupStep & { crm: Crm['name'] };

export const crm: Verb = {
  name: 'crm',
  usage: 'setup [--apply | --folder DIR] | links ACCOUNT',
  summary:
    'setup: shows, and with --apply makes, the fields, list, campaign and permissions that the mapping needs in the connected CRMs. A field that it did not make is never changed. links: which CRM records stand for an account and its people, how they were found, and what is left alone in them.',
  positionals: 2,
  options: { apply: { type: 'boolean' }, folder: { type: 'string' }, ...BY_OPTIONS },
  help: {
    apply: 'make what is missing; without it nothing is sent that changes anything',
    folder: 'write the Salesforce part as a metadata folder, to be deployed by hand; no CRM is called',
    ...BY_HELP,
  },
  run: async ({ options, positionals, json }) => {
    const [action, account] = positionals;
    if (action === 'links' && account !== undefined) {
      return withRecord((context) => crmLinks(context, account, json));
    }
    if (action !== 'setup') {
      throw new UsageError(`crm: found ${action ?? 'nothing'}; allowed: setup, links ACCOUNT`);
    }
    if (options.folder !== undefined && options.apply === true) {
      throw new UsageError('crm setup: found --apply and --folder; allowed: one of them');
    }
    return options.folder === undefined ? setUpAll(options, json) : writeFolder(String(options.folder), json);
  },
};

async function setUpAll(options: Options, json: boolean): Promise<number> {
  const apply = options.apply === true;
  const config = configOrThrow();
  return withCrms(config, mappingsOrThrow(config), null, async (crms) => {
    const steps = (await Promise.all(crms.map((one) => stepsOf(one, apply)))).flat();
    if (apply) {
      await noteSetup(config, steps, byOf(options));
    }
    if (json) {
      printJson({ applied: apply, steps });
    } else {
      printSteps(steps, apply);
    }
    return steps.some(({ state }) => state === 'failed') ? EXIT.failed : EXIT.done;
  });
}

/** The setup needs no database and works without one; where there is one, it stands in the audit. */
async function noteSetup(config: Config, steps: readonly Step[], by: By): Promise<void> {
  if (config.DATABASE_URL === undefined && !hasEmbedded(config.PQL_DATA_DIR)) {
    return;
  }
  const made = steps
    .filter(({ state }) => state === 'created' || state === 'changed')
    .map(({ crm: name, what }) => `${name}: ${what}`);
  try {
    await withDatabase(({ db }) => audit(db, 'CRM set up', null, { made }, Date.now(), by));
  } catch (error) {
    complain(`not in the audit: ${(error as Error).message}`);
  }
}

async function stepsOf(one: Crm, apply: boolean): Promise<Step[]> {
  return (await setUp(one, apply, Date.now, sleep)).map((step) => ({ crm: one.name, ...step }));
}

function printSteps(steps: Step[], apply: boolean): void {
  const rows = steps.map((step) => [step.crm, step.what, step.state, step.detail]);
  print(table(['crm', 'what', 'state', 'detail'], rows));
  if (!apply && steps.some(({ state }) => state === 'missing')) {
    print('nothing was changed; add --apply to make what is missing');
  }
}

function writeFolder(dir: string, json: boolean): number {
  const config = configOrThrow();
  const { salesforce } = mappingsOrThrow(config);
  const files = metadataFolder(
    mappedFields(salesforce),
    readsDeals(salesforce),
    config.SALESFORCE_API_VERSION,
  );
  for (const [name, text] of files) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), text);
  }
  if (json) {
    printJson({ folder: dir, files: [...files.keys()] });
  } else {
    print([...files.keys()].map((name) => join(dir, name)).join('\n'));
    print(`deploy it: sf project deploy start --metadata-dir ${dir}, then assign the permission set`);
  }
  return EXIT.done;
}
