import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { z } from 'zod';
import { type FactsFile, readFacts } from './accounts/facts-file.ts';
import { readSignals, type SignalPlan } from './accounts/signal-plan.ts';
import { type Handoff, readHandoff } from './decide/handoff.ts';
import { type Mapping, readMapping } from './decide/mapping.ts';
import { readTemplate, type TaskTemplate } from './decide/task-text.ts';
import { sourceProblems } from './fact-files.ts';
import { type Model, readModel } from './score/model.ts';
import { type ConfigProblem, checked, readConfig } from './shared/config-file.ts';
import { lazyDomainLists } from './shared/domain-lists.ts';
import { err, ok, type Result } from './shared/result.ts';

/** Everything an operator configures in `MAPPINGS_DIR`, checked. */
export interface Mappings {
  facts: FactsFile;
  signals: SignalPlan;
  champion: Model;
  shadows: Model[];
  handoff: Handoff;
  templates: Record<string, TaskTemplate>;
  hubspot: Mapping;
  salesforce: Mapping;
}

/** The shape of `mappings/models.yaml`. */
export const modelsSchema = z.strictObject({
  champion: z.string().describe('The model that acts: the name of a file of models/, without .yaml.'),
  shadows: z.array(z.string()).default([]).describe('Models that only keep scores.'),
});

/** Reads and checks the whole folder. On failure: every problem of every file, in one list (I11). */
export function loadMappings(dir: string): Result<Mappings, ConfigProblem[]> {
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
  ): T | null => keep(readFile(dir, name, parse));

  const signals = read('signals.yaml', readSignals);
  const facts = keep(factsIn(dir, signals));
  const models = new Map(
    yamlNames(join(dir, 'models')).map((name) => [
      name,
      read(`models/${name}.yaml`, (file, text) => readModel(file, text, signals?.signals ?? null)),
    ]),
  );
  const chosen = read('models.yaml', (file, text) => readChosen(file, text, [...models.keys()]));
  const champion = models.get(chosen?.champion ?? '') ?? null;
  const names = templateNames(dir);
  const templates = readTemplates(dir, names, keep);
  const acting = champion?.tiers.filter((tier) => tier.acts).map((tier) => tier.id) ?? null;
  const handoff = read('handoff.yaml', (file, text) => readHandoff(file, text, acting, names));
  const hubspot = read('hubspot.yaml', (file, text) => readMapping('hubspot', file, text));
  const salesforce = read('salesforce.yaml', (file, text) => readMapping('salesforce', file, text));
  if (
    problems.length > 0 ||
    signals === null ||
    facts === null ||
    champion === null ||
    handoff === null ||
    hubspot === null ||
    salesforce === null
  ) {
    return err(problems);
  }
  const shadows = (chosen?.shadows ?? []).map((name) => models.get(name)).filter((model) => model != null);
  return ok({
    facts,
    signals: placedBy(signals, facts),
    champion,
    shadows,
    handoff,
    templates,
    hubspot,
    salesforce,
  });
}

/** A folder without facts.yaml has what is shipped. */
function factsIn(dir: string, signals: SignalPlan | null): Result<FactsFile, ConfigProblem[]> {
  const path = join(dir, 'facts.yaml');
  const text = existsSync(path) ? readFileSync(path, 'utf8') : null;
  const ids = signals === null ? null : [...signals.signals.keys()];
  const read = readFacts(relative(process.cwd(), path), text, lazyDomainLists(), ids);
  const problems = read.ok ? sourceProblems(dir, read.value) : [];
  return problems.length > 0 ? err(problems) : read;
}

/** Where the operator corrects the lists of free mail, people belong to other accounts: everybody is folded again. */
function placedBy(signals: SignalPlan, { domainsHash }: FactsFile): SignalPlan {
  const hash = createHash('sha256').update(`${signals.hash} ${domainsHash}`).digest('hex');
  return domainsHash === null ? signals : { ...signals, hash };
}

function readFile<T>(
  dir: string,
  name: string,
  parse: (file: string, text: string) => Result<T, ConfigProblem[]>,
): Result<T, ConfigProblem[]> {
  const path = join(dir, name);
  const shown = relative(process.cwd(), path);
  if (!existsSync(path)) {
    return err([
      { file: shown, line: 1, path: '', found: 'no such file', allowed: `the file ${name} in ${dir}` },
    ]);
  }
  return parse(shown, readFileSync(path, 'utf8'));
}

function readChosen(file: string, text: string, known: readonly string[]) {
  return checked(readConfig(file, text, modelsSchema), ({ value, unknownName }) => {
    const problems = [
      ...unknownName(['champion'], value.champion, known, 'a file of models/'),
      ...value.shadows.flatMap((name, i) => unknownName(['shadows', i], name, known, 'a file of models/')),
    ];
    return problems.length > 0 ? err(problems) : ok(value);
  });
}

function readTemplates(
  dir: string,
  names: readonly string[],
  keep: (result: Result<TaskTemplate, ConfigProblem[]>) => TaskTemplate | null,
): Record<string, TaskTemplate> {
  const templates: Record<string, TaskTemplate> = {};
  for (const name of names) {
    const template = keep(readFile(dir, `templates/${name}.liquid`, readTemplate));
    if (template !== null) {
      templates[name] = template;
    }
  }
  return templates;
}

function templateNames(dir: string): string[] {
  const folder = join(dir, 'templates');
  return existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith('.liquid'))
        .map((name) => name.replace(/\.liquid$/, ''))
        .sort()
    : [];
}

function yamlNames(folder: string): string[] {
  return existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith('.yaml') && !name.endsWith('.test.yaml'))
        .map((name) => name.replace(/\.yaml$/, ''))
        .sort()
    : [];
}
