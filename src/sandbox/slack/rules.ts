/** What Slack takes of a message: the limits of its Block Kit, and one on the whole that it does not document. */

interface Found {
  pointer: string;
  what: string;
}

const TOTAL = 13_000;
const BLOCKS = 50;

type Json = Record<string, unknown>;

/** What is wrong with the blocks; null: nothing. */
export function blocksProblem(blocks: unknown): { error: string; messages: string[] } | null {
  if (!Array.isArray(blocks)) {
    return { error: 'invalid_blocks_format', messages: [] };
  }
  const found = [
    ...(blocks.length > BLOCKS ? [{ pointer: '/blocks', what: `no more than ${BLOCKS} items allowed` }] : []),
    ...blocks.flatMap((block: unknown, i) => blockProblems(objectOf(block), `/blocks/${i}`)),
    ...sameIds(blocks),
  ];
  if (found.length > 0) {
    const messages = found.map(({ pointer, what }) => `[ERROR] ${what} [json-pointer:${pointer}]`);
    return { error: 'invalid_blocks', messages };
  }
  return lengthOf(blocks) > TOTAL ? { error: 'msg_blocks_too_long', messages: [] } : null;
}

function blockProblems(block: Json, at: string): Found[] {
  const { type, text, fields, elements, block_id: id } = block;
  const own = tooLong(id, 255, `${at}/block_id`);
  switch (type) {
    case 'header':
      return [...own, ...textProblems(text, 150, `${at}/text`, ['plain_text'])];
    case 'section':
      return [
        ...own,
        ...(text === undefined && fields === undefined
          ? [{ pointer: at, what: 'missing required field: text' }]
          : []),
        ...(text === undefined ? [] : textProblems(text, 3000, `${at}/text`)),
        ...listProblems(fields, 10, `${at}/fields`, (one, path) => textProblems(one, 2000, path)),
      ];
    case 'context':
      return [
        ...own,
        ...listProblems(elements, 10, `${at}/elements`, (one, path) => textProblems(one, 3000, path)),
      ];
    case 'actions':
      return [...own, ...listProblems(elements, 25, `${at}/elements`, buttonProblems)];
    case 'divider':
      return own;
    default:
      return [{ pointer: `${at}/type`, what: `unsupported type: ${String(type)}` }];
  }
}

function buttonProblems(given: unknown, at: string): Found[] {
  const { type, text, value, action_id: action } = objectOf(given);
  return type === 'button'
    ? [
        ...textProblems(text, 75, `${at}/text`, ['plain_text']),
        ...tooLong(value, 2000, `${at}/value`),
        ...tooLong(action, 255, `${at}/action_id`),
      ]
    : [{ pointer: `${at}/type`, what: `unsupported type: ${String(type)}` }];
}

function textProblems(
  given: unknown,
  most: number,
  at: string,
  types: readonly string[] = ['plain_text', 'mrkdwn'],
): Found[] {
  const { type, text } = objectOf(given);
  if (!types.includes(String(type))) {
    return [{ pointer: `${at}/type`, what: `unsupported type: ${String(type)}` }];
  }
  return typeof text === 'string' && text.length > 0
    ? tooLong(text, most, `${at}/text`)
    : [{ pointer: `${at}/text`, what: 'must be more than 0 characters' }];
}

function tooLong(text: unknown, most: number, at: string): Found[] {
  return typeof text === 'string' && text.length > most
    ? [{ pointer: at, what: `must be less than ${most + 1} characters` }]
    : [];
}

function listProblems(
  list: unknown,
  most: number,
  at: string,
  each: (one: unknown, at: string) => Found[],
): Found[] {
  if (list === undefined) {
    return [];
  }
  return Array.isArray(list) && list.length > 0 && list.length <= most
    ? list.flatMap((one, i) => each(one, `${at}/${i}`))
    : [{ pointer: at, what: `must have from 1 to ${most} items` }];
}

function sameIds(blocks: readonly unknown[]): Found[] {
  const ids = blocks.flatMap((block) => objectOf(block).block_id ?? []);
  return new Set(ids).size === ids.length ? [] : [{ pointer: '/blocks', what: 'block_id must be unique' }];
}

/** Characters of all texts, wherever they stand. */
function lengthOf(value: unknown): number {
  if (Array.isArray(value)) {
    return value.reduce<number>((sum, one) => sum + lengthOf(one), 0);
  }
  const object = objectOf(value);
  const own = typeof object.text === 'string' ? object.text.length : 0;
  return Object.values(object).reduce<number>(
    (sum, one) => sum + (typeof one === 'object' ? lengthOf(one) : 0),
    own,
  );
}

function objectOf(value: unknown): Json {
  return typeof value === 'object' && value !== null ? (value as Json) : {};
}
