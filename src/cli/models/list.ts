import { readTestFiles } from '../../models/tests/files.ts';
import { countScored, knownVersions, listPublications, type Publication } from '../../store/models.ts';
import { EXIT, print, printJson } from '../command.ts';
import type { DatabaseContext, RecordContext } from '../context.ts';
import { table } from '../table.ts';

/** `pql models list`: every model of the folder, and what is known of it. */
export async function listModels({ db, config, mappings }: RecordContext, json: boolean): Promise<number> {
  const [publications, scored, versions] = await Promise.all([
    listPublications(db, 10_000),
    countScored(db),
    knownVersions(db),
  ]);
  const names = mappings.files.map(({ model }) => model.model);
  const { untested } = readTestFiles(config.MAPPINGS_DIR, names);
  const roleOf = (name: string) =>
    name === mappings.champion.model
      ? 'champion'
      : mappings.shadows.some(({ model }) => model === name)
        ? 'shadow'
        : 'file';
  const models = mappings.files.map(({ model: { model, version, title } }) => {
    const ours = scored.filter((row) => row.model === model);
    const published = publications.find((one) => one.champion === model && one.version === version);
    return {
      ...{ model, role: roleOf(model), version, title },
      /** Accounts with a score of this version, and of any. */
      accounts: {
        current: ours.find((row) => row.version === version)?.accounts ?? 0,
        all: ours.reduce((sum, row) => sum + row.accounts, 0),
      },
      published: published?.at ?? null,
      tested: !untested.includes(model),
      versions: versions.filter((one) => one.model === model).map((one) => one.version),
    };
  });
  models.sort((x, y) => ROLES.indexOf(x.role) - ROLES.indexOf(y.role));
  if (json) {
    printJson({ models });
  } else {
    print(modelsText(models));
  }
  return EXIT.done;
}

const ROLES = ['champion', 'shadow', 'file'];

interface Shown {
  model: string;
  role: string;
  version: string;
  title: string;
  accounts: { current: number; all: number };
  published: string | null;
  tested: boolean;
  versions: string[];
}

function modelsText(models: readonly Shown[]): string {
  const counted = ({ current, all }: Shown['accounts']) => (current === all ? all : `${current} of ${all}`);
  return table(
    ['role', 'model', 'version', 'accounts scored', 'published', 'tests', 'title', 'earlier versions'],
    models.map((one) => [
      ...[one.role, one.model, one.version, counted(one.accounts), one.published ?? 'never'],
      ...[one.tested ? 'yes' : 'none', one.title],
      one.versions.filter((version) => version !== one.version).join(', '),
    ]),
  );
}

/** `pql models log`: who put which model in force, when and why, newest first. */
export async function modelsLog({ db }: DatabaseContext, limit: number, json: boolean): Promise<number> {
  const publications = await listPublications(db, limit);
  if (json) {
    printJson({ publications });
  } else if (publications.length === 0) {
    print('nothing was published yet: the first start notes what the files say');
  } else {
    print(
      table(
        ['at', 'how', 'champion', 'version', 'shadows', 'author', 'reason'],
        publications.map((one) => [
          one.at,
          wayOf(one),
          one.champion,
          one.version,
          one.shadows.join(', '),
          one.author,
          one.reason,
        ]),
      ),
    );
  }
  return EXIT.done;
}

function wayOf({ how }: Publication): string {
  return how === 'file' ? 'by file' : how;
}
