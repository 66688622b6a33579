import type { Liquid, Template } from 'liquidjs';
import { didYouMean } from '../../shared/did-you-mean.ts';

/** A name that a template uses and that stands for nothing. */
export interface UnknownName {
  row: number;
  /** The part that it stands in; undefined: the template itself. */
  part: string | undefined;
  found: string;
  allowed: string;
}

type Facts = Record<string, unknown>;

/** What lists and texts know of themselves in Liquid. */
const OF_THEMSELVES = ['size', 'first', 'last'];

/** A name of a fact that a template uses, and where. */
export interface Named {
  path: string[];
  row: number;
  part: string | undefined;
}

/** Every name that stands for no fact, also where no sample comes by, such as inside an `{% if %}` that is never true. */
export function unknownNames(names: readonly Named[], facts: Facts): UnknownName[] {
  return names
    .flatMap(({ path, row, part }) => {
      const wrong = firstUnknown(path, facts);
      return wrong === null ? [] : [{ row, part, ...wrong }];
    })
    .sort((a, b) => a.row - b.row);
}

/** The words of ours that a template names, each with a text. */
export function oursIn(names: readonly Named[]): Record<string, string> {
  const named = names.flatMap(({ path: [first, word] }) =>
    first === 'our' && word !== undefined ? [word] : [],
  );
  return Object.fromEntries(named.map((word) => [word, word]));
}

/** All names that a template and its parts use, apart from those that they make themselves. */
export function namesIn(liquid: Liquid, parsed: Template[]): Named[] {
  return Object.values(liquid.analyzeSync(parsed).globals)
    .flat()
    .map(({ segments, location: { row, file } }) => ({
      path: segments.filter((one) => typeof one === 'string' || typeof one === 'number').map(String),
      row,
      part: file,
    }));
}

function firstUnknown(path: readonly string[], facts: Facts): Pick<UnknownName, 'found' | 'allowed'> | null {
  let at: unknown = facts;
  for (const [i, name] of path.entries()) {
    if (typeof at !== 'object' || at === null || Array.isArray(at)) {
      return OF_THEMSELVES.includes(name) || Array.isArray(at) ? null : unknown(path, i, []);
    }
    if (!Object.hasOwn(at, name)) {
      return unknown(path, i, Object.keys(at));
    }
    at = (at as Facts)[name];
  }
  return null;
}

function unknown(
  path: readonly string[],
  i: number,
  known: readonly string[],
): Pick<UnknownName, 'found' | 'allowed'> {
  const above = path.slice(0, i).join('.');
  const names = known.length === 0 ? 'nothing inside it' : known.join(', ');
  const where = above === '' ? 'a fact' : above === 'our' ? 'texts.our of handoff.yaml' : `of ${above}`;
  return {
    found: path.slice(0, i + 1).join('.'),
    allowed: `${where}: ${names}${didYouMean(path[i] ?? '', known)}`,
  };
}
