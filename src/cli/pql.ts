import {
  ConfigurationError,
  complain,
  EXIT,
  helpOf,
  parse,
  print,
  UsageError,
  type Verb,
} from './command.ts';

/** Verbs are loaded when they are asked for: `pql check` need not wait for the CRM clients. */
const VERBS: Record<string, { summary: string; load: () => Promise<Verb> }> = {
  start: { summary: 'run the service', load: async () => (await import('./verbs/start.ts')).start },
  demo: {
    summary: 'the whole job on made-up traffic',
    load: async () => (await import('./verbs/demo.ts')).demo,
  },
  sandbox: {
    summary: 'run the CRM stand-ins',
    load: async () => (await import('./verbs/sandbox.ts')).sandbox,
  },
  check: { summary: 'check the configuration', load: async () => (await import('./verbs/check.ts')).check },
  doctor: {
    summary: 'look at everything that must be there, CRMs included',
    load: async () => (await import('./verbs/doctor.ts')).doctor,
  },
  crm: { summary: 'make the fields the CRMs need', load: async () => (await import('./verbs/crm.ts')).crm },
  status: { summary: 'what is waiting', load: async () => (await import('./verbs/status.ts')).status },
  accounts: {
    summary: 'accounts, highest score first; merge and separate them',
    load: async () => (await import('./verbs/accounts.ts')).accounts,
  },
  feed: {
    summary: 'qualified accounts, the most urgent first: owner and deadline, or why nobody has it',
    load: async () => (await import('./verbs/feed.ts')).feed,
  },
  score: { summary: 'the score of one account', load: async () => (await import('./verbs/score.ts')).score },
  explain: {
    summary: 'why it has that score',
    load: async () => (await import('./verbs/explain.ts')).explain,
  },
  models: {
    summary: 'list, test, compare, publish and roll back models',
    load: async () => (await import('./verbs/models.ts')).models,
  },
  recompute: { summary: 'score again', load: async () => (await import('./verbs/recompute.ts')).recompute },
  replay: {
    summary: 'rebuild from the journal',
    load: async () => (await import('./verbs/replay.ts')).replay,
  },
  facts: {
    summary: 'read the CSV files of facts',
    load: async () => (await import('./verbs/facts.ts')).facts,
  },
  plan: {
    summary: 'what would be written to the CRMs',
    load: async () => (await import('./verbs/plan.ts')).plan,
  },
  sync: { summary: 'write it', load: async () => (await import('./verbs/sync.ts')).sync },
  reconcile: {
    summary: 'what differs in the CRMs, and why',
    load: async () => (await import('./verbs/reconcile.ts')).reconcile,
  },
  sla: {
    summary: 'promises of first contact, and how they came out',
    load: async () => (await import('./verbs/sla.ts')).sla,
  },
  unassigned: {
    summary: 'who belongs to no company, and why',
    load: async () => (await import('./verbs/unassigned.ts')).unassigned,
  },
  suppress: {
    summary: 'who is left alone, why and until when',
    load: async () => (await import('./verbs/suppress.ts')).suppress,
  },
  digest: {
    summary: 'mails of the day: what went out, and what would',
    load: async () => (await import('./verbs/digest.ts')).digest,
  },
  owners: {
    summary: 'who can be given accounts, and who is full or out',
    load: async () => (await import('./verbs/owners.ts')).owners,
  },
  forget: { summary: 'forget a person', load: async () => (await import('./verbs/forget.ts')).forget },
  audit: {
    summary: 'who decided what, and why',
    load: async () => (await import('./verbs/audit.ts')).audit,
  },
  errors: { summary: 'what needs a person', load: async () => (await import('./verbs/errors.ts')).errors },
};

async function main(argv: string[]): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    print(overview());
    return name === undefined ? EXIT.usage : EXIT.done;
  }
  const entry = VERBS[name];
  if (entry === undefined) {
    throw new UsageError(`unknown verb ${name}`);
  }
  const verb = await entry.load();
  const invocation = parse(verb, rest);
  if (invocation === 'help') {
    print(helpOf(verb));
    return EXIT.done;
  }
  return verb.run(invocation);
}

function overview(): string {
  const lines = Object.entries(VERBS).map(([name, { summary }]) => `  ${name.padEnd(12)}${summary}`);
  return ['pql VERB [options]   (every verb has --help and --json)', '', ...lines].join('\n');
}

/**
 * Everything has been closed by now; a socket that its library keeps open must not hold the process (ms). What is printed is
 * waited for, however slowly somebody reads it.
 */
const LINGER = 3000;

// What nobody caught ends the process as ever. Node would print every property of the error, and those of database and
// Redis errors hold addresses and commands, passwords among them.
process.on('uncaughtException', (error: Error) => {
  complain(`crashed: ${error.stack ?? String(error)}`);
  process.exit(EXIT.failed);
});

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const expected = error instanceof UsageError || error instanceof ConfigurationError;
  complain(`${error instanceof UsageError ? 'usage: ' : ''}${(error as Error).message}`);
  if (error instanceof UsageError) {
    complain('try: pql --help');
  }
  process.exitCode = expected ? EXIT.usage : EXIT.failed;
}
setTimeout(() => process.stdout.write('', () => process.exit()), LINGER).unref();
