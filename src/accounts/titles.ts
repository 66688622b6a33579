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

/**
 * The shipped rules, good for English titles; `mappings/facts.yaml` shows them too. Their order settles what a title
 * of several words means: an assistant to the CEO is no CEO, a Vice President no President, a Product Owner no owner.
 */
export const TITLE_RULES: readonly SeniorityRule[] = [
  {
    is: 'manager',
    words: [
      'assistant vice president',
      'assistant vp',
      'avp',
      'assistant director',
      'assistant manager',
      'group product manager',
    ],
  },
  { is: 'director', words: ['chief of staff'] },
  {
    is: 'ic',
    words: [
      'assistant',
      'secretary',
      'office of the *',
      'advisor to',
      'adviser to',
      'reporting to',
      'intern',
      'trainee',
      'apprentice',
      'student',
      'aspiring',
      'retired',
      'former ceo',
      'ex ceo',
      'former founder',
      'ex founder',
      'product owner',
      'process owner',
      'data owner',
      'service owner',
      'platform owner',
      'account owner',
    ],
  },
  {
    is: 'c_level',
    words: [
      'ceo',
      'cto',
      'cfo',
      'coo',
      'cmo',
      'cio',
      'ciso',
      'cso',
      'cro',
      'cpo',
      'cdo',
      'cco',
      'chro',
      'cxo',
      'chief executive',
      'chief * officer',
      'founder',
      'cofounder',
      'co owner',
      'owner',
      'proprietor',
      'managing director',
      'managing partner',
      'founding partner',
      'general partner',
      'chairman',
      'chairwoman',
      'chairperson',
    ],
  },
  {
    is: 'vp',
    words: ['vice president', 'vp', 'svp', 'evp', 'general counsel'],
  },
  { is: 'c_level', words: ['president'] },
  {
    is: 'director',
    words: ['director', 'head', 'chief', 'general manager', 'controller', 'comptroller', 'treasurer', 'dean'],
  },
  {
    is: 'ic',
    words: [
      'product manager',
      'project manager',
      'program manager',
      'programme manager',
      'account manager',
      'customer success manager',
      'success manager',
      'community manager',
      'content manager',
      'social media manager',
      'office manager',
      'case manager',
      'relationship manager',
    ],
  },
  {
    is: 'manager',
    words: ['manager', 'mgr', 'supervisor', 'team lead', 'team leader', 'engineering lead', 'group lead'],
  },
  {
    is: 'ic',
    words: [
      'engineer',
      'developer',
      'programmer',
      'architect',
      'analyst',
      'scientist',
      'researcher',
      'designer',
      'consultant',
      'specialist',
      'representative',
      'rep',
      'sdr',
      'bdr',
      'account executive',
      'associate',
      'coordinator',
      'administrator',
      'admin',
      'technician',
      'writer',
      'editor',
      'marketer',
      'recruiter',
      'accountant',
      'buyer',
      'planner',
      'strategist',
      'evangelist',
      'advocate',
      'agent',
      'clerk',
      'teacher',
      'professor',
      'lecturer',
      'nurse',
      'freelancer',
      'freelance',
      'contractor',
      'principal',
      'staff',
      'officer',
      'advisor',
      'adviser',
      'salesperson',
      'business partner',
      'operator',
      'devops',
      'qa',
    ],
  },
];
