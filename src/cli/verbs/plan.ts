import { planWrites } from '../../store/read/plan.ts';
import { EXIT, print, printJson, type Verb } from '../command.ts';
import { withRecord } from '../context.ts';
import { budgetInWords, table } from '../table.ts';

export const plan: Verb = {
  name: 'plan',
  usage: '',
  summary: 'What would be written to the CRMs now, and how many write calls it takes. Sends nothing.',
  options: {},
  help: {},
  run: ({ json }) =>
    withRecord(async ({ db }) => {
      const found = await planWrites(db, Date.now());
      if (json) {
        printJson(found);
        return EXIT.done;
      }
      const fields = (values: Record<string, unknown>) =>
        Object.entries(values)
          .map(([name, value]) => `${name}=${String(value)}`)
          .join(', ')
          .slice(0, 100);
      print(
        table(
          ['crm', 'account', 'record', 'what', 'fields'],
          found.writes.map((one) => [one.crm, one.account, one.object, one.kind, fields(one.after)]),
        ),
      );
      for (const crm of Object.keys({ ...found.acts, ...found.budget })) {
        const acts = found.acts[crm] ?? { tasks: 0, memberships: 0 };
        print(
          `${crm}: ${acts.tasks} tasks, ${acts.memberships} memberships, about ${found.calls[crm] ?? 0} write calls; ${budgetInWords(found.budget[crm])}`,
        );
      }
      return EXIT.done;
    }),
};
