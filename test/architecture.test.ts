import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { KNOWN_CODES } from '../src/crm/salesforce/outcomes.ts';

const SRC = fileURLToPath(new URL('../src', import.meta.url));

/** The pure chain, from the event outwards. Each may import the ones before it. */
const CHAIN = ['events', 'accounts', 'score', 'decide', 'sync'];
/** Deals with the world. Edges import the types and ports they serve, never each other. */
const EDGES = ['receive', 'crm', 'store', 'jobs', 'limits', 'mail', 'api', 'sandbox'];
const WIRING = ['compose.ts', 'main.ts'];
/** Effects that the pure folders must be handed as arguments. */
const IMPURE: [RegExp, string][] = [
  [/\basync\b|\bawait\b|\bPromise\b/, 'asynchronous work'],
  [/\bDate\.now\b|new Date\(\)|performance\.now/, 'the clock'],
  [/\bMath\.random\b|randomUUID|randomBytes/, 'chance'],
  [/\bprocess\./, 'the process'],
  [/\bconsole\./, 'the console'],
  [/from 'node:(?!crypto'|url')/, "Node's modules (crypto's hashes and url's parsing excepted)"],
  [
    /from '(pg|bullmq|ioredis|express|jsforce|pino|@hubspot\/api-client)'/,
    'the database, the queue, HTTP or a CRM',
  ],
];
/** Ports and the delivery loop, which stand beside the pure files of their stage. */
const ACTING = [
  'events/journal.ts',
  'sync/bulk.ts',
  'sync/bulk-jobs.ts',
  'sync/bulk-planning.ts',
  'sync/bulk-running.ts',
  'sync/bulk-settling.ts',
  'sync/deliver.ts',
  'sync/deliver-bulk.ts',
  'sync/deliver-fields.ts',
  'sync/deliver-tasks.ts',
  'sync/deliver-task-changes.ts',
  'sync/owners.ts',
  'sync/crm-tasks.ts',
  'sync/gathering.ts',
  'sync/passing-on.ts',
  'sync/planning.ts',
  'sync/rounds.ts',
  'sync/calls.ts',
  'sync/settle.ts',
  'sync/outbox.ts',
  'sync/crm.ts',
  'sync/crm-reads.ts',
];

/** What our own client calls what failed before an answer: it says so, and the table says what it means. */
const OWN_WORDS = ['TIMEOUT', 'NETWORK', 'REFUSED', 'invalid_private_key'];

interface Source {
  /** Path below src. */
  file: string;
  folder: string;
  text: string;
  /** Paths below src that it imports. */
  imports: string[];
}

function sources(): Source[] {
  return readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => {
      const text = readFileSync(join(SRC, file), 'utf8');
      const found = [...text.matchAll(/(?:from|import) '(\.[^']+)'|import\('(\.[^']+)'\)/g)];
      const imports = found.map((match) =>
        relative(SRC, resolve(SRC, dirname(file), match[1] ?? match[2] ?? '')),
      );
      return { file, folder: file.split('/')[0] ?? '', text, imports };
    });
}

const all = sources();
const folderOf = (path: string) => path.split('/')[0] ?? '';
const isPure = ({ file, folder }: Source) => CHAIN.includes(folder) && !ACTING.includes(file);

/** Code without comments and texts, so that a word in a sentence is no effect. */
function codeOf(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
}

describe('architecture', () => {
  it('has sources to look at', () => {
    expect(all.length).toBeGreaterThan(30);
  });

  it('pure folders do nothing but compute', () => {
    const broken = all
      .filter(isPure)
      .flatMap(({ file, text }) =>
        IMPURE.filter(([pattern]) => pattern.test(codeOf(text))).map(
          ([, what]) =>
            `src/${file} uses ${what}: take it as an argument, or move the code to store, receive, crm or jobs`,
        ),
      );
    expect(broken).toEqual([]);
  });

  it('the pure chain imports inwards only: events <- accounts <- score <- decide <- sync', () => {
    const broken = all
      .filter(({ folder }) => CHAIN.includes(folder))
      .flatMap(({ file, folder, imports }) =>
        imports
          .map(folderOf)
          .filter(
            (target) =>
              target !== folder &&
              target !== 'shared' &&
              !CHAIN.slice(0, CHAIN.indexOf(folder)).includes(target),
          )
          .map(
            (target) =>
              `src/${file} imports ${target}/: put what both need into an earlier stage or into shared/`,
          ),
      );
    expect(broken).toEqual([]);
  });

  it('edges never import each other', () => {
    const broken = all
      .filter(({ folder }) => EDGES.includes(folder))
      .flatMap(({ file, folder, imports }) =>
        imports
          .map(folderOf)
          .filter((target) => EDGES.includes(target) && target !== folder)
          .map(
            (target) =>
              `src/${file} imports ${target}/: let compose.ts join them through a port of the stage`,
          ),
      );
    expect(broken).toEqual([]);
  });

  it('alerts know nothing of what keeps or receives them', () => {
    const broken = all
      .filter(({ folder }) => folder === 'alerts')
      .flatMap(({ file, imports }) =>
        imports
          .filter((path) => EDGES.includes(folderOf(path)))
          .map((path) => `src/${file} imports ${path}: ask for it through alerts/port.ts`),
      );
    expect(broken).toEqual([]);
  });

  it('pipeline.ts imports stages and ports, no adapter', () => {
    const pipeline = all.find(({ file }) => file === 'pipeline.ts');
    const broken = (pipeline?.imports ?? []).filter((path) => EDGES.includes(folderOf(path)));
    expect(broken).toEqual([]);
  });

  it('only main.ts, compose.ts and cli/ import compose.ts', () => {
    const broken = all
      .filter(({ file, folder }) => folder !== 'cli' && !WIRING.includes(file))
      .filter(({ imports }) => imports.includes('compose.ts'))
      .map(({ file }) => `src/${file} imports compose.ts: take what it needs as an argument`);
    expect(broken).toEqual([]);
  });

  it('only crm/<vendor>/outcomes.ts and alerts/slack/outcomes.ts know status codes and error words', () => {
    const broken = all
      .filter(({ file, folder }) => ['crm', 'alerts'].includes(folder) && !file.endsWith('/outcomes.ts'))
      .flatMap(({ file, text }) =>
        knowing(codeOf(text)).map(
          (line) => `src/${file}: ${line}: ask a function of crm/<vendor>/outcomes.ts instead`,
        ),
      );
    expect(broken).toEqual([]);
    expect(knowing("if (response.status === 429 || error.code === 'INVALID_FIELD') {")).toHaveLength(1);
    expect(knowing('  VALIDATION_ERROR: 400,')).toHaveLength(1);
  });

  it('the environment is read in one place', () => {
    const allowed = ['main.ts', 'store/embedded/run-as.ts'];
    const broken = all
      .filter(({ file, folder }) => folder !== 'cli' && !allowed.includes(file))
      .filter(({ text }) => /process\.env/.test(codeOf(text)))
      .map(({ file }) => `src/${file} reads process.env: add the setting to config.ts and pass it in`);
    expect(broken).toEqual([]);
  });

  it('shared/ depends on nothing but types of the pure chain', () => {
    const broken = all
      .filter(({ folder }) => folder === 'shared')
      .flatMap(({ file, imports }) =>
        imports
          .filter((path) => !['shared', 'accounts'].includes(folderOf(path)))
          .map((path) => `src/${file} imports ${path}`),
      );
    expect(broken).toEqual([]);
  });

  it('no file imports itself in a circle', () => {
    const graph = new Map(all.map(({ file, imports }) => [file, imports]));
    const circles = all.map(({ file }) => circleFrom(graph, file)).filter((circle) => circle !== null);
    expect(circles).toEqual([]);
  });
});

/** Words of a reply, compared; a status where it could be one; a code in the table of a vendor. */
const KNOWING = [
  /\.(status|statusCode|httpStatusCode|errorCode|category|subCategory|policyName)\b\)?\s*([!=]==(?! undefined| 'string')|[<>]=?\s*\d)/,
  /\b(statusCode|httpStatusCode|errorCode|subCategory|policyName)\s*(===|!==)(?! undefined| 'string')/,
  /(status|[Cc]ode|[A-Z]{3})\w*['"]?\s*(:|===|!==|[<>]=?)\s*[45]\d\d\b/,
  /\bcode\s*(===|!==)\s*'(?!TIMEOUT|NETWORK|REFUSED)[A-Z]/,
  new RegExp(
    `'(${[...KNOWN_CODES, 'MISSING_SCOPES', 'VALIDATION_ERROR', 'CONFLICT'].filter((code) => !OWN_WORDS.includes(code)).join('|')})'`,
  ),
];

/** Lines of code that know a vendor's status codes or error words. */
function knowing(code: string): string[] {
  return code
    .split('\n')
    .filter((line) => KNOWING.some((pattern) => pattern.test(line)))
    .map((line) => line.trim());
}

function circleFrom(graph: Map<string, string[]>, start: string): string | null {
  const seen = new Set<string>();
  const walk = (file: string, path: string[]): string | null => {
    for (const next of graph.get(file) ?? []) {
      if (next === start) {
        return [...path, file, start].join(' -> ');
      }
      if (!seen.has(next)) {
        seen.add(next);
        const circle = walk(next, [...path, file]);
        if (circle !== null) {
          return circle;
        }
      }
    }
    return null;
  };
  return walk(start, []);
}
