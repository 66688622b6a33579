import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { z } from 'zod';
import { accountRules, readAccounts } from './accounts/account-rules.ts';
import { type AccountsConfig, defaultAccounts, foldHash } from './accounts/accounts-config.ts';
import type { DomainList } from './accounts/domains.ts';
import type { FoldRules } from './accounts/person.ts';
import { readSignals, type SignalPlan } from './accounts/signal-plan.ts';
import { type Handoff, readHandoff } from './decide/handoff.ts';
import { type Mapping, readMapping } from './decide/mapping.ts';
import { readTemplate, type TaskTemplate } from './decide/task-text.ts';
import { type Model, readModel } from './score/model.ts';
import { type ConfigProblem, didYouMean, readConfig } from './shared/config-file.ts';
import { err, ok, type Result } from './shared/result.ts';

/** Everything an operator configures in `MAPPINGS_DIR`, checked. */
export interface Mappings {
  /** Its hash tells of a change in `accounts` too: either has everybody folded again. */
  signals: SignalPlan;
  accounts: AccountsConfig;
  champion: Model;
  shadows: Model[];
  handoff: Handoff;
  templates: Record<string, TaskTemplate>;
  hubspot: Mapping;
  salesforce: Mapping;
}

/** What people are folded with, over the maintained lists of mail domains. */
export function foldRules({ signals, accounts }: Mappings, list: DomainList): FoldRules {
  return { plan: signals, rules: accountRules(accounts, list) };
}

const modelsSchema = z.strictObject({ champion: z.string(), shadows: z.array(z.string()).default([]) });

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
  // Folders from before there was this file go on as they are.
  const accounts = existsSync(join(dir, 'accounts.yaml'))
    ? read('accounts.yaml', readAccounts)
    : defaultAccounts();
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
    accounts === null ||
    champion === null ||
    handoff === null ||
    hubspot === null ||
    salesforce === null
  ) {
    return err(problems);
  }
  const shadows = (chosen?.shadows ?? []).map((name) => models.get(name)).filter((model) => model != null);
  const plan = { ...signals, hash: foldHash(signals.hash, accounts) };
  return ok({ signals: plan, accounts, champion, shadows, handoff, templates, hubspot, salesforce });
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
  const read = readConfig(file, text, modelsSchema);
  if (!read.ok) {
    return read;
  }
  const { value, problem } = read.value;
  const unknown = (name: string) => !known.includes(name);
  const allowed = (name: string) => `a file of models/: ${known.join(', ')}${didYouMean(name, known)}`;
  const problems = [
    ...(unknown(value.champion) ? [problem(['champion'], value.champion, allowed(value.champion))] : []),
    ...value.shadows.flatMap((name, i) =>
      unknown(name) ? [problem(['shadows', i], name, allowed(name))] : [],
    ),
  ];
  return problems.length > 0 ? err(problems) : ok(value);
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
