import { type ImportReport, importFacts } from '../../store/facts/import.ts';
import { factFiles } from '../../wiring/facts.ts';
import { EXIT, print, printJson, UsageError, type Verb } from '../command.ts';
import { withRecord } from '../context.ts';

export const facts: Verb = {
  name: 'facts',
  usage: 'import [--act]',
  summary:
    'Reads the CSV files of facts.yaml now; a start does the same. Accounts whose facts changed are scored again.',
  positionals: 1,
  options: { act: { type: 'boolean' } },
  help: { act: 'tasks and memberships also for what the new facts alone made' },
  run: ({ options, positionals, json }) => {
    if (positionals[0] !== 'import') {
      throw new UsageError(`facts ${positionals[0] ?? ''}: found no such thing to do; allowed: import`);
    }
    return withRecord(async ({ config, mappings, db }) => {
      const files = factFiles(config.MAPPINGS_DIR, mappings.facts);
      const reports = await importFacts(db, files, { act: options.act === true, realNow: Date.now() });
      if (json) {
        printJson({ sources: reports });
      } else {
        print(reports.length === 0 ? 'facts.yaml names no CSV file' : reports.map(reportText).join('\n'));
      }
      return reports.some(({ state }) => state === 'busy' || state === 'broken') ? EXIT.failed : EXIT.done;
    });
  },
};

function reportText({
  source,
  state,
  rows,
  changed,
  removed,
  accounts,
  bad,
  badLines,
}: ImportReport): string {
  if (state === 'busy') {
    return `${source}: another process is importing; try again`;
  }
  if (state === 'unchanged') {
    return `${source}: unchanged since the last import`;
  }
  const broken = state === 'broken' ? ['  the file ends there; rows it had before are kept'] : [];
  const more = badLines > bad.length ? [`  and ${badLines - bad.length} more`] : [];
  return [
    `${source}: ${rows} rows, ${changed} new or changed, ${removed} gone, ${accounts} accounts to score again, ${badLines} lines skipped`,
    ...bad.map(({ line, why }) => `  line ${line}: ${why}`),
    ...more,
    ...broken,
  ].join('\n');
}
