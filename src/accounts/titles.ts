/** What a title says about its holder's rank, most senior first. */
export const SENIORITIES = ['c_level', 'vp', 'director', 'manager', 'ic'] as const;
export type Seniority = (typeof SENIORITIES)[number];

/** As written in `mappings/facts.yaml`. */
export interface SeniorityRule {
  is: Seniority;
  words: string[];
}

/** A phrase that titles are searched for: words that follow each other; `*` stands for one to four of any. */
export type Phrase = readonly string[];

/**
 * A title as words: `V.P. of R&D` -> vp, of, r, d. Case, accents' encoding, punctuation and a possessive 's do not
 * count; full stops between single letters are those of an abbreviation.
 */
export function wordsOf(title: string): string[] {
  return title
    .normalize('NFKC')
    .toLowerCase()
    .replace(/['’]s\b/g, '')
    .replace(/(?<=(?:^|[^\p{L}\p{N}])\p{L})\.(?=\p{L}(?:[^\p{L}\p{N}]|$))/gu, '')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}

/** A phrase as written in facts.yaml; `*` survives. */
export function phraseOf(text: string): Phrase {
  return text.split(/\s+/).flatMap((word) => (word === '*' ? ['*'] : wordsOf(word)));
}

/** Whole words only: "cto" is not in "director". */
export function contains(words: readonly string[], phrase: Phrase): boolean {
  return phrase.length > 0 && words.some((_, start) => beginsAt(words, start, phrase, 0));
}

const MOST_ANY = 4;

function beginsAt(words: readonly string[], at: number, phrase: Phrase, from: number): boolean {
  const wanted = phrase[from];
  if (wanted === undefined) {
    return true;
  }
  if (wanted !== '*') {
    return words[at] === wanted && beginsAt(words, at + 1, phrase, from + 1);
  }
  for (let skip = 1; skip <= MOST_ANY && at + skip <= words.length; skip++) {
    if (beginsAt(words, at + skip, phrase, from + 1)) {
      return true;
    }
  }
  return false;
}

/** Longer titles are read as far as this. */
const MOST_WORDS = 30;

/** The first rule with a phrase that the title contains; null: the title tells no rank. */
export function seniorityOf(
  words: readonly string[],
  rules: readonly { is: Seniority; phrases: readonly Phrase[] }[],
): Seniority | null {
  const read = words.slice(0, MOST_WORDS);
  return rules.find(({ phrases }) => phrases.some((phrase) => contains(read, phrase)))?.is ?? null;
}
