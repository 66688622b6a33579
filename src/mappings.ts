import { createHash } from 'node:crypto';
import { join, relative } from 'node:path';
import { z } from 'zod';
import { accountRules, readAccounts } from './accounts/account-rules.ts';
import { type AccountsConfig, defaultAccounts, foldHash } from './accounts/accounts-config.ts';
import { type FactsFile, readFacts } from './accounts/facts-file.ts';
import type { FoldRules } from './accounts/person.ts';
import { readSignals, type SignalPlan } from './accounts/signal-plan.ts';
import { type Handoff, readHandoff } from './decide/handoff/read.ts';
import { type Mapping, readMapping } from './decide/mapping.ts';
import { type TaskTemplate, type TemplateKnows, templateReader } from './decide/texts/template.ts';
import { sourceProblems } from './fact-files.ts';
import { type Known, plainFacts } from './score/compile/known.ts';
import { readModel } from './score/compile/read.ts';
import type { Model } from './score/model.ts';
import { type ConfigProblem, checked, readConfig } from './shared/config-file.ts';
import { ABSENT, configText, namesIn } from './shared/config-text.ts';
import { lazyDomainLists } from './shared/domain-lists.ts';
import { err, ok, type Result } from './shared/result.ts';

/** A model with the file that it stands in. */
export interface ModelFile {
  model: Model;
  /** Name inside the folder, e.g. `models/mql-rubric.yaml`. */
  name: string;
  text: string;
}

/** Everything an operator configures in `MAPPINGS_DIR`, checked. */
export interface Mappings {
  facts: FactsFile;
  /** Its hash tells of a change in `accounts` too: either has everybody folded again. */
  signals: SignalPlan;
  accounts: AccountsConfig;
  champion: Model;
  shadows: Model[];
  /** Every file of models/, also those of models that neither act nor keep scores, by name. */
  files: ModelFile[];
  handoff: Handoff;
  templates: Record<string, TaskTemplate>;
  hubspot: Mapping;
  salesforce: Mapping;
}

/** What people are folded with, over the lists of mail domains as the operator corrected them. */
export function foldRules({ signals, accounts, facts }: Mappings): FoldRules {
  return { plan: signals, rules: accountRules(accounts, facts.domainList) };
}

/** The shape of `mappings/models.yaml`. */
export const modelsSchema = z.strictObject({
  champion: z.string().describe('The model that acts: the name of a file of models/, without .yaml.'),
  shadows: z.array(z.string()).default([]).describe('Models that only keep scores.'),
});

/** Texts by name inside the folder, e.g. `models.yaml`. */
export type Edits = ReadonlyMap<string, string>;

/**
 * Reads and checks the whole folder. On failure: every problem of every file, in one list (I11).
 *
 * @param edits what files would say after a change that is not made yet: they are read instead
 */
export function loadMappings(dir: string, edits: Edits = new Map()): Result<Mappings, ConfigProblem[]> {
  const problems: ConfigProblem[] = [];
  const keep = <T>(result: Result<T, ConfigProblem[]>): T | null => {
    if (result.ok) {
      return result.value;
    }
    problems.push(...result.error);
    return null;
  };
  const read = <T>(
    name: string,
    parse: (file: string, text: string) => Result<T, ConfigProblem[]>,
  ): T | null => keep(readFile(dir, name, parse, edits));

  const signals = read('signals.yaml', readSignals);
  // Folders from before there was this file go on as they are.
  const accounts = keep(optional(dir, 'accounts.yaml', edits, readAccounts, () => ok(defaultAccounts())));
  const facts = keep(factsIn(dir, signals, accounts ?? defaultAccounts(), edits));
  const reader = facts?.reader ?? plainFacts;
  const models = readModels(modelNames(dir, edits), (name, other) =>
    read(`models/${name}.yaml`, (file, text) => {
      const known = { signals: signals?.signals ?? null, facts: reader, other };
      const model = readModel(file, text, known);
      return model.ok ? ok({ model: model.value, name: `models/${name}.yaml`, text }) : model;
    }),
  );
  const chosen = read('models.yaml', (file, text) => readChosen(file, text, [...models.keys()]));
  const champion = models.get(chosen?.champion ?? '')?.model ?? null;
  const { names, parts } = templateNames(dir);
  const acting = champion === null ? null : actingTiers(champion);
  const all = [...models.values()].flatMap((file) => file?.model ?? []);
  const others = all.flatMap(actingTiers);
  const handoff = read('handoff.yaml', (file, text) =>
    readHandoff(file, text, {
      tiers: acting,
      others,
      templates: names,
      flags: all.flatMap(({ gates }) => gates.flatMap(({ flag }) => flag ?? [])),
      segments: all.flatMap(({ segments }) => segments.map(({ id }) => id)),
      model: { signals: signals?.signals ?? null, facts: reader, other: () => undefined },
    }),
  );
  const our = handoff?.texts.our ?? null;
  const templates = readTemplates(dir, names, edits, { our, parts: partsIn(dir, parts, edits) }, keep);
  const pools = handoff === null ? null : [...handoff.team.pools.keys()];
  const hubspot = read('hubspot.yaml', (file, text) => readMapping('hubspot', file, text, pools));
  const salesforce = read('salesforce.yaml', (file, text) => readMapping('salesforce', file, text, pools));
  if (
    problems.length > 0 ||
    signals === null ||
    facts === null ||
    accounts === null ||
    champion === null ||
    handoff === null ||
    hubspot === null ||
    salesforce === null
  ) {
    return err(problems);
  }
  const files = [...models.values()].filter((file) => file !== null);
  const shadows = (chosen?.shadows ?? []).flatMap((name) => models.get(name)?.model ?? []);
  return ok({
    facts,
    accounts,
    signals: placedBy({ ...signals, hash: foldHash(signals.hash, accounts) }, facts),
    champion,
    shadows,
    files,
    handoff,
    templates,
    hubspot,
    salesforce,
  });
}

/** What a model beside those of the folder may name: their signals, facts and the models themselves. */
export function knownIn({ signals, facts, files }: Mappings): Known {
  const other = (name: string) => files.find(({ model }) => model.model === name)?.model;
  return { signals: signals.signals, facts: facts.reader, other };
}

/** The champion and the shadows as models.yaml names them; the folder must be known to be sound. */
export function chosenModels({ champion, shadows }: Mappings): Model[] {
  return [champion, ...shadows];
}

/** A folder without facts.yaml has what is shipped. */
function factsIn(
  dir: string,
  signals: SignalPlan | null,
  accounts: AccountsConfig,
  edits: Edits,
): Result<FactsFile, ConfigProblem[]> {
  const ids = signals === null ? null : [...signals.signals.keys()];
  const domains = accountRules(accounts, lazyDomainLists());
  const parse = (file: string, text: string | null) => readFacts(file, text, domains, ids);
  const read = optional(dir, 'facts.yaml', edits, parse, (file) => parse(file, null));
  const problems = read.ok ? sourceProblems(dir, read.value) : [];
  return problems.length > 0 ? err(problems) : read;
}

/** Where the operator corrects the lists of free mail, people belong to other accounts: everybody is folded again. */
function placedBy(signals: SignalPlan, { domainsHash }: FactsFile): SignalPlan {
  const hash = createHash('sha256').update(`${signals.hash} ${domainsHash}`).digest('hex');
  return domainsHash === null ? signals : { ...signals, hash };
}

/** Every model file once; one whose segments name another reads that one first. A circle ends at a model not there yet. */
function readModels(
  names: readonly string[],
  read: (name: string, other: Known['other']) => ModelFile | null,
): Map<string, ModelFile | null> {
  const files = new Map<string, ModelFile | null>();
  const begun = new Set<string>();
  const get = (name: string): Model | null | undefined => {
    if (!names.includes(name) || (begun.has(name) && !files.has(name))) {
      return undefined;
    }
    if (!begun.has(name)) {
      begun.add(name);
      files.set(name, read(name, get));
    }
    return files.get(name)?.model ?? null;
  };
  names.forEach(get);
  return files;
}

function actingTiers({ tiers }: Model): string[] {
  return tiers.filter(({ acts }) => acts).map(({ id }) => id);
}

function readFile<T>(
  dir: string,
  name: string,
  parse: (file: string, text: string) => Result<T, ConfigProblem[]>,
  edits: Edits,
): Result<T, ConfigProblem[]> {
  return optional(dir, name, edits, parse, (file) =>
    err([{ file, line: 1, path: '', found: ABSENT, allowed: `the file ${name} in ${dir}` }]),
  );
}

/** A file that may be missing: `absent` says what then holds. */
function optional<T>(
  dir: string,
  name: string,
  edits: Edits,
  parse: (file: string, text: string) => Result<T, ConfigProblem[]>,
  absent: (file: string) => Result<T, ConfigProblem[]>,
): Result<T, ConfigProblem[]> {
  const path = join(dir, name);
  const file = relative(process.cwd(), path);
  const edited = edits.get(name);
  const text = edited === undefined ? configText(path) : ok(edited);
  if (!text.ok) {
    return err([{ ...text.error, file, path: '' }]);
  }
  return text.value === null ? absent(file) : parse(file, text.value);
}

function readChosen(file: string, text: string, known: readonly string[]) {
  return checked(readConfig(file, text, modelsSchema), ({ value, problem, unknownName }) => {
    const problems = [
      ...unknownName(['champion'], value.champion, known, 'a file of models/'),
      ...value.shadows.flatMap((name, i) => unknownName(['shadows', i], name, known, 'a file of models/')),
      // Named twice, a model would have two scores of one account, of which only one can be kept.
      ...value.shadows.flatMap((name, i) =>
        name === value.champion || value.shadows.indexOf(name) < i
          ? [problem(['shadows', i], name, 'a model that is not named before')]
          : [],
      ),
    ];
    return problems.length > 0 ? err(problems) : ok(value);
  });
}

function readTemplates(
  dir: string,
  names: readonly string[],
  edits: Edits,
  knows: TemplateKnows,
  keep: (result: Result<TaskTemplate, ConfigProblem[]>) => TaskTemplate | null,
): Record<string, TaskTemplate> {
  const templates: Record<string, TaskTemplate> = {};
  const parse = templateReader(knows);
  for (const name of names) {
    const template = keep(readFile(dir, `templates/${name}.liquid`, parse, edits));
    if (template !== null) {
      templates[name] = template;
    }
  }
  return templates;
}

/** Files that begin with _ are parts of others. */
function templateNames(dir: string): { names: string[]; parts: string[] } {
  const folder = join(dir, 'templates');
  const all = namesIn(folder)
    .filter((name) => name.endsWith('.liquid'))
    .map((name) => name.replace(/\.liquid$/, ''))
    .sort();
  return {
    names: all.filter((name) => !name.startsWith('_')),
    parts: all.flatMap((name) => (name.startsWith('_') ? [name.slice(1)] : [])),
  };
}

/** A part that cannot be read is missing where a template names it. */
function partsIn(dir: string, parts: readonly string[], edits: Edits): Record<string, string> {
  return Object.fromEntries(
    parts.flatMap((name) => {
      const read = readFile(dir, `templates/_${name}.liquid`, (_file, text) => ok(text), edits);
      return read.ok ? [[name, read.value]] : [];
    }),
  );
}

/** Models by name: the files there are, and those that the edits would add. */
function modelNames(dir: string, edits: Edits): string[] {
  const folder = join(dir, 'models');
  const there = namesIn(folder);
  const added = [...edits.keys()].flatMap((name) => /^models\/(.+)$/.exec(name)?.[1] ?? []);
  const names = [...there, ...added].filter((name) => name.endsWith('.yaml') && !name.endsWith('.test.yaml'));
  return [...new Set(names.map((name) => name.replace(/\.yaml$/, '')))].sort();
}
