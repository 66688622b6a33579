import { createHash } from 'node:crypto';
import { type ConfigFile, type ConfigProblem, checked, readConfig } from '../shared/config-file.ts';
import { err, ok, type Result } from '../shared/result.ts';
import { stableJson } from '../shared/stable-json.ts';
import { companyKinds, STUDENT_SUFFIXES } from './company-kind.ts';
import { asciiHost, type DomainList, registrableDomain } from './domains.ts';
import { type FactReader, type FactRules, factReader } from './facts.ts';
import { type CsvSource, FACT_SOURCES, type FactsConfig, factsSchema } from './facts-config.ts';
import { TITLE_RULES } from './title-rules.ts';
import { phraseOf } from './titles.ts';

/** `mappings/facts.yaml`, checked. */
export interface FactsFile {
  reader: FactReader;
  /** The maintained lists of mail domains as the operator corrected them. */
  domainList: DomainList;
  /** Changes exactly when `domainList` may give people another account: they are folded again. null: as maintained. */
  domainsHash: string | null;
  sources: ReadonlyMap<string, CsvSource>;
  problem: ConfigFile<unknown>['problem'];
}

/**
 * @param text null: there is no such file, and what is shipped holds
 * @param signals ids of signals.yaml; null: it could not be read
 * @returns every problem with its line (I11)
 */
export function readFacts(
  file: string,
  text: string | null,
  maintained: DomainList,
  signals: readonly string[] | null,
): Result<FactsFile, ConfigProblem[]> {
  return checked(readConfig(file, text ?? '{}', factsSchema), (config) => {
    const problems = RULES.flatMap((rule) => rule(config, signals));
    return problems.length > 0 ? err(problems) : ok(compile(config, maintained));
  });
}

type Config = ConfigFile<FactsConfig>;
type Rule = (config: Config, signals: readonly string[] | null) => ConfigProblem[];

const RULES: readonly Rule[] = [
  domainsAreRegistered,
  domainsHaveOneKind,
  phrasesHaveWords,
  signalsExist,
  bandsRise,
  sourcesFillEachTraitOnce,
  preferencesNameEachOnce,
];

function compile({ value, problem }: Config, maintained: DomainList): FactsFile {
  const { seniority = TITLE_RULES, ...titles } = value.titles ?? factsSchema.shape.titles.unwrap().parse({});
  const written = value.domains ?? factsSchema.shape.domains.unwrap().parse({});
  const domains = { ...written, student_suffixes: written.student_suffixes ?? STUDENT_SUFFIXES };
  const customer = value.customer ?? factsSchema.shape.customer.unwrap().parse({});
  const kinds = companyKinds(domains, maintained);
  const unsubscribed = value.unsubscribed ?? UNSUBSCRIBED;
  const { sources: _, ...decides } = value;
  const rules: FactRules = {
    hash: hashOf({ form: FACTS_FORM, ...decides, titles, seniority, domains, customer, unsubscribed }),
    titleTraits: titles.from,
    seniority: seniority.map(({ is, words }) => ({
      is,
      phrases: words.map(phraseOf),
    })),
    buyers: titles.economic_buyer.map(({ seniority, words }) => ({
      seniority,
      phrases: words?.map(phraseOf) ?? null,
    })),
    unsubscribed,
    kinds,
    lists: new Map(
      Object.entries(value.lists).map(([name, list]) => [
        name,
        new Set(list.map(registrableDomain).filter((domain) => domain !== null)),
      ]),
    ),
    customer: {
      trait: customer.trait,
      started: customer.started,
      cancelled: customer.cancelled,
      plan: customer.plan,
      freePlans: new Set(customer.free_plans.map((plan) => plan.trim().toLowerCase())),
      crm: customer.crm,
    },
    acv: value.acv_potential ?? null,
    prefer: value.prefer,
    preferFor: new Map(Object.entries(value.prefer_for)),
  };
  return {
    reader: factReader(rules),
    domainList: kinds.domainList,
    domainsHash: kinds.corrections.length === 0 ? null : hashOf(kinds.corrections),
    sources: new Map(Object.entries(value.sources)),
    problem,
  };
}

/** Raised when the code makes other facts from the same file. */
const FACTS_FORM = 3;

/** As Segment's and the CRMs' own names have it. */
const UNSUBSCRIBED = [
  'unsubscribed',
  'email_opt_out',
  'email_opted_out',
  'hs_email_optout',
  'HasOptedOutOfEmail',
  'has_opted_out_of_email',
];

function hashOf(value: unknown): string {
  return createHash('sha256').update(stableJson(value)).digest('hex');
}

/** Every domain of the file, with its place. */
function domainsOf({ value }: Config): { path: PropertyKey[]; domain: string; kind: string | null }[] {
  const { manual = {}, student_suffixes: _, ...kinds } = value.domains ?? {};
  return [
    ...Object.entries(kinds).flatMap(([kind, list]) =>
      list.map((domain, i) => ({ path: ['domains', kind, i], domain, kind })),
    ),
    ...Object.keys(manual).map((domain) => ({ path: ['domains', 'manual', domain], domain, kind: null })),
    ...Object.entries(value.lists).flatMap(([name, list]) =>
      list.map((domain, i) => ({ path: ['lists', name, i], domain, kind: null })),
    ),
  ];
}

function domainsAreRegistered(config: Config): ConfigProblem[] {
  return domainsOf(config)
    .filter(({ domain }) => registrableDomain(domain) === null)
    .map(({ path, domain }) => config.problem(path, domain, 'a domain that can be registered: acme.com'));
}

/** Which of two kinds was meant nobody could tell; `manual` is the place for exceptions. */
function domainsHaveOneKind(config: Config): ConfigProblem[] {
  const kinds = new Map<string | null, string>();
  return domainsOf(config)
    .filter(({ kind }) => kind !== null)
    .flatMap(({ path, domain, kind }) => {
      const host = asciiHost(domain);
      const before = kinds.get(host);
      kinds.set(host, kind ?? '');
      return before === undefined || before === kind
        ? []
        : [config.problem(path, domain, `one kind for a domain: it is under ${before} already`)];
    });
}

function phrasesHaveWords(config: Config): ConfigProblem[] {
  const { seniority = [], economic_buyer = [] } = config.value.titles ?? {};
  const lists = [
    ...seniority.map(({ words }, i) => ({ words, path: ['titles', 'seniority', i, 'words'] })),
    ...economic_buyer.map(({ words }, i) => ({
      words: words ?? [],
      path: ['titles', 'economic_buyer', i, 'words'],
    })),
  ];
  return lists.flatMap(({ words, path }) =>
    words.flatMap((text, i) =>
      phraseOf(text).some((word) => word !== '*')
        ? []
        : [config.problem([...path, i], text, 'a phrase with at least one word')],
    ),
  );
}

/** The shipped names are no mistake where signals.yaml lacks them: then no signal tells who is a customer. */
function signalsExist(config: Config, signals: readonly string[] | null): ConfigProblem[] {
  const written = config.value.customer;
  const defaults = factsSchema.shape.customer.unwrap().parse({});
  return signals === null || written === undefined
    ? []
    : (['started', 'cancelled'] as const)
        .filter((key) => written[key] !== defaults[key])
        .flatMap((key) =>
          config.unknownName(['customer', key], written[key], signals, 'the id of a signal of signals.yaml'),
        );
}

function bandsRise(config: Config): ConfigProblem[] {
  const { bands = [] } = config.value.acv_potential ?? {};
  return bands.flatMap(({ from }, i) =>
    i > 0 && from <= (bands[i - 1]?.from ?? 0)
      ? [
          config.problem(
            ['acv_potential', 'bands', i, 'from'],
            from,
            `more than ${bands[i - 1]?.from}, lowest first`,
          ),
        ]
      : [],
  );
}

function sourcesFillEachTraitOnce(config: Config): ConfigProblem[] {
  return Object.entries(config.value.sources).flatMap(([name, { columns }]) => {
    const traits = Object.values(columns).map((column) =>
      typeof column === 'string' ? column : column.trait,
    );
    return Object.keys(columns).flatMap((column, i) =>
      traits.indexOf(traits[i] ?? '') < i
        ? [config.problem(['sources', name, 'columns', column], traits[i], 'each trait from one column')]
        : [],
    );
  });
}

function preferencesNameEachOnce(config: Config): ConfigProblem[] {
  const orders = [
    { path: ['prefer'], order: config.value.prefer },
    ...Object.entries(config.value.prefer_for).map(([name, order]) => ({
      path: ['prefer_for', name],
      order,
    })),
  ];
  return orders
    .filter(({ order }) => new Set(order).size < order.length)
    .map(({ path, order }) => config.problem(path, order, `each of ${FACT_SOURCES.join(', ')} at most once`));
}
