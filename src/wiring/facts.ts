import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { FactsFile } from '../accounts/facts-file.ts';
import { factLines, fingerprint } from '../fact-files.ts';
import { plainFacts } from '../score/compile/known.ts';
import type { Logger } from '../shared/log.ts';
import { stableJson } from '../shared/stable-json.ts';
import type { FactLookup } from '../store/facts/attach.ts';
import type { FactFile, ImportReport } from '../store/facts/import.ts';

/** null: the configuration was not read. Traits are known then, and nothing is concluded from them. */
export function factLookup(file: FactsFile | null): FactLookup {
  return file === null
    ? { sources: [], reader: TRAITS_ALONE }
    : { sources: [...file.sources.keys()], reader: file.reader };
}

const TRAITS_ALONE: FactLookup['reader'] = {
  ...plainFacts,
  origins: () => ({}),
  domainOf: () => null,
};

/** The CSV files of facts.yaml, for the store to take in. */
export function factFiles(dir: string, { sources }: FactsFile): FactFile[] {
  return [...sources].map(([name, source]) => {
    const path = join(dir, source.file);
    const how = createHash('sha256').update(stableJson(source)).digest('hex');
    return {
      source: name,
      key: source.key,
      fingerprint: async () => `${await fingerprint(path)} ${how}`,
      lines: () => factLines(path, source),
    };
  });
}

export function logImports(logger: Logger, reports: readonly ImportReport[]): void {
  for (const { bad, ...report } of reports.filter(
    ({ state }) => state === 'imported' || state === 'broken',
  )) {
    logger.info(report, 'facts imported');
    if (report.badLines > 0) {
      logger.warn(
        { source: report.source, badLines: report.badLines, first: bad.slice(0, 10) },
        'lines skipped',
      );
    }
  }
}
