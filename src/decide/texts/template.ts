import { Context, Liquid, type Template } from 'liquidjs';
import type { ConfigProblem } from '../../shared/config-file.ts';
import { cut } from '../../shared/cut.ts';
import { didYouMean } from '../../shared/did-you-mean.ts';
import { err, ok, type Result } from '../../shared/result.ts';
import { type Named, namesIn, oursIn, unknownNames } from './names.ts';
import { type Sample, type Samples, sampleFacts } from './samples.ts';
import type { TextFacts } from './text-facts.ts';

export interface TaskText {
  subject: string;
  body: string;
}

export type TaskTemplate = (facts: TextFacts) => TaskText;

/** What a template may name beside the facts. */
export interface TemplateKnows {
  /** Words of ours; null: handoff.yaml is broken itself, and which there are nobody can say. */
  our: Readonly<Record<string, string>> | null;
  /** Texts of files that begin with _, by name without the _: parts of several templates. */
  parts: Readonly<Record<string, string>>;
}

/** No file access, no unknown names or filters, bounded work: a template cannot reach beyond its facts and parts. */
function engine(parts: Readonly<Record<string, string>>): Liquid {
  const liquid = new Liquid({
    strictVariables: true,
    strictFilters: true,
    ownPropertyOnly: true,
    // `{% if trigger.thing %}` with an empty text would be true, and leave "the  limit" in the rep's task.
    jsTruthy: true,
    lenientIf: true,
    // A date reads the same wherever the process runs.
    timezoneOffset: 0,
    locale: 'en-US',
    templates: { ...parts },
    // Of parts, which are parsed once.
    cache: true,
    parseLimit: 100_000,
    memoryLimit: 1_000_000,
  });
  liquid.registerFilter('day', dayInWords);
  return liquid;
}

/** Steps (texts, tags and outputs) that one text may take; the shipped ones take less than a hundredth. */
const STEPS_MAX = 100_000;

/**
 * What is rendered, with its work bounded by steps. The library would go by time: a machine that stands still for a second
 * would make a good template bad, and the same facts give another text (I4).
 */
function bounded(liquid: Liquid, facts: TextFacts | Sample): Context {
  const context = new Context({ ...facts }, liquid.options, { sync: true }, { liquid });
  let steps = 0;
  context.renderLimit.check = () => {
    steps += 1;
    if (steps > STEPS_MAX) {
      throw new Error('more steps than a text may take');
    }
  };
  return context;
}

const MONTHS = 'January February March April May June July August September October November December'.split(
  ' ',
);

/** `2026-03-02` -> `March 2`; what is no date stays as it is. */
function dayInWords(date: unknown): unknown {
  const [, month, day] = /^\d{4}-(\d\d)-(\d\d)$/.exec(String(date)) ?? [];
  const name = MONTHS[Number(month) - 1];
  return name === undefined ? date : `${name} ${Number(day)}`;
}

const SUBJECT_MAX = 200;

/** What all templates of a folder share. */
interface Reader {
  liquid: Liquid;
  knows: TemplateKnows;
  /** Facts to try a template with, by the words of ours that there are. */
  samples: Samples;
}

/**
 * A template file -> a function, or each line where it, or a part of it, names what does not exist, or what may be unknown
 * without asking for it. It is rendered with samples that lack each of the facts that may be unknown.
 */
export function readTemplate(
  file: string,
  text: string,
  knows: TemplateKnows = { our: {}, parts: {} },
): Result<TaskTemplate, ConfigProblem[]> {
  return templateReader(knows)(file, text);
}

/** Reads the templates of one folder. */
export function templateReader(
  knows: TemplateKnows,
): (file: string, text: string) => Result<TaskTemplate, ConfigProblem[]> {
  const reader = { liquid: engine(knows.parts), knows, samples: sampleFacts(knows.our ?? {}) };
  return (file, text) => readWith(reader, file, text);
}

function readWith(reader: Reader, file: string, text: string): Result<TaskTemplate, ConfigProblem[]> {
  const { liquid, knows } = reader;
  try {
    const parsed = liquid.parse(text);
    const names = namesIn(liquid, parsed);
    const our = knows.our ?? oursIn(names);
    const samples = knows.our === null ? sampleFacts(our) : reader.samples;
    const unknown = unknownNames(names, { ...samples.full, our });
    if (unknown.length > 0) {
      return err(
        unknown.map(({ row: line, part, ...rest }) => ({
          file: inPart(file, part),
          line,
          path: '',
          ...rest,
        })),
      );
    }
    const tried = triedWith(samples, names).map((sample) => render(liquid, parsed, sample));
    if (tried.some(({ subject, body }) => `${subject}\n${body}`.includes(String({})))) {
      return err([groupPrinted(file, text)]);
    }
    return ok((facts) => renderOrPlain(liquid, parsed, facts));
  } catch (error) {
    return err([
      missingPart(file, text, knows.parts, error as Error) ?? problemOf(file, error as LiquidError),
    ]);
  }
}

/** Facts that have facts of their own, printed by themselves: no value that anybody could read. */
const GROUP = /\{\{-?\s*(?:account|score|trigger|person|plan|next_plan|our|touch)\s*[|}-]/;

function groupPrinted(file: string, text: string): ConfigProblem {
  const line = Math.max(1, text.split('\n').findIndex((one) => GROUP.test(one)) + 1);
  const allowed = 'one of the facts in it, such as trigger.words or account.name';
  return { file, line, path: '', found: 'a group of facts that is printed as a whole', allowed };
}

/** A fact that a template does not name may as well be known. */
function triedWith({ full, lacking, bare }: Samples, names: readonly Named[]): Sample[] {
  const named = names.map(({ path }) => `${path.join('.')}.`);
  const without = lacking.filter(({ path }) => named.some((one) => one.startsWith(`${path}.`)));
  return [full, ...without.map(({ facts }) => facts), ...bare];
}

/** The library does not say where a part is named that is not there. */
function missingPart(
  file: string,
  text: string,
  parts: Readonly<Record<string, string>>,
  { message }: Error,
): ConfigProblem | null {
  const name = /Failed to lookup "([^"]+)"/.exec(message)?.[1];
  if (name === undefined) {
    return null;
  }
  const line = text.split('\n').findIndex((one) => one.includes(name)) + 1;
  const known = Object.keys(parts);
  const allowed = `a part, which is a file _NAME.liquid of templates/: ${known.join(', ') || 'there is none'}${didYouMean(name, known)}`;
  return { file, line: Math.max(1, line), path: '', found: `include "${name}"`, allowed };
}

interface LiquidError extends Error {
  token?: { getPosition?: () => number[]; file?: string };
}

function problemOf(file: string, { message, token }: LiquidError): ConfigProblem {
  const line = token?.getPosition?.()[0] ?? 1;
  const found = message.split(', file')[0]?.split(', line')[0] ?? message;
  const allowed = found.startsWith('undefined variable')
    ? 'a fact that may be unknown or empty only after {% if ... %} has asked for it'
    : 'a template that ends, of known tags and filters';
  return { file: inPart(file, token?.file), line, path: '', found, allowed };
}

/** `templates/limit.liquid` and the part `who` -> `templates/_who.liquid` */
function inPart(file: string, part: string | undefined): string {
  const folder = file.slice(0, Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1);
  return part === undefined ? file : `${folder}_${part}.liquid`;
}

/** A text that fails, or goes on for too long, with the facts of one account must not keep it from its score (I9). */
function renderOrPlain(liquid: Liquid, parsed: Template[], facts: TextFacts): TaskText {
  try {
    return render(liquid, parsed, facts);
  } catch {
    const { account, headline, score, lines } = facts;
    const body = [...lines.map(({ why, points }) => `- ${why} (+${points})`), account.link].join('\n');
    return { subject: cut(`${account.name}: ${headline} (score ${score.value})`, SUBJECT_MAX), body };
  }
}

function render(liquid: Liquid, parsed: Template[], facts: TextFacts | Sample): TaskText {
  const text = String(liquid.renderSync(parsed, bounded(liquid, facts))).trim();
  const [first = '', ...rest] = text.split('\n');
  return {
    subject: cut(first.trim(), SUBJECT_MAX),
    body: rest
      .map((one) => one.trimEnd())
      .join('\n')
      .replace(/\n{3,}/g, '\n\n')
      .trim(),
  };
}
