import { pick, type Random, whole } from '../../src/sandbox/traffic/random.ts';

/** Values that programs stumble over. Long ones are rare: they cost more than they find. */
const STRANGE: readonly [() => unknown, ...(() => unknown)[]] = [
  () => null,
  () => true,
  () => 0,
  () => -1,
  () => 1e308,
  () => Number('9007199254740993'),
  () => '',
  () => ' ',
  () => '\0',
  () => '\ud83d',
  () => '\udc00\ud83d',
  () => '😀'.repeat(60),
  () => '\u202e\u001b[2J\r\n',
  () => "'; DROP TABLE events; --",
  () => '{{ 7 | times: 7 }}{% for i in (1..9) %}',
  () => '__proto__',
  () => '1970-01-01',
  () => '9999-12-31T23:59:60Z',
  () => '0000-00-00 00:00:00.000000',
  () => 'a@b@c',
  () => '1'.repeat(400),
  () => [],
  () => {
    return {};
  },
  () => [[[[[]]]]],
  () => nested(200),
  () => JSON.parse('{"__proto__":{"x":1},"constructor":{"prototype":{"x":1}}}') as unknown,
  () => Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`k${i * 4096}`, i])),
];

function nested(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level++) {
    value = level % 2 === 0 ? [value] : { a: value };
  }
  return value;
}

type Place = { holder: Record<string, unknown> | unknown[]; key: string | number };

/** Every place of a tree that holds a value. */
function placesOf(root: unknown): Place[] {
  const places: Place[] = [];
  const rest: unknown[] = [root];
  for (let value = rest.pop(); value !== undefined && places.length < 2000; value = rest.pop()) {
    if (typeof value === 'object' && value !== null) {
      const holder = value as Record<string, unknown>;
      for (const key of Object.keys(value)) {
        places.push({ holder, key });
        rest.push(holder[key]);
      }
    }
  }
  return places;
}

const at = ({ holder, key }: Place) => (holder as Record<string, unknown>)[key];
const put = ({ holder, key }: Place, value: unknown) => {
  (holder as Record<string, unknown>)[key] = value;
};

type Places = readonly [Place, ...Place[]];
type TreeStep = (random: Random, place: Place, places: Places) => void;

const TREE: readonly [TreeStep, ...TreeStep[]] = [
  (random, place) => put(place, pick(random, STRANGE)()),
  (random, place) => put(place, pick(random, STRANGE)()),
  (_random, place) => put(place, String(at(place))),
  (_random, place) => put(place, [at(place)]),
  (_random, place) => put(place, { value: at(place) }),
  (_random, place) => put(place, JSON.stringify(at(place))),
  (_random, { holder, key }) => void delete (holder as Record<string, unknown>)[key],
  (random, place, places) => put(place, structuredClone(at(pick(random, places)))),
  (random, { holder }) => {
    (holder as Record<string, unknown>)[String(pick(random, STRANGE)())] = pick(random, STRANGE)();
  },
  (random, place) => put(place, whole(random, 0, 400) === 0 ? 'x'.repeat(200_000) : 'x'.repeat(5000)),
];

/** A body of the same kind with up to three things wrong inside. */
export function mutatedTree(random: Random, body: unknown): unknown {
  const root = { body: structuredClone(body) };
  for (let steps = whole(random, 0, 3); steps > 0; steps--) {
    const [first, ...others] = placesOf(root);
    if (first !== undefined) {
      pick(random, TREE)(random, pick(random, [first, ...others]), [first, ...others]);
    }
  }
  return root.body;
}

type ByteStep = (random: Random, bytes: Buffer) => Buffer;

const position = (random: Random, bytes: Buffer) => whole(random, 0, Math.max(0, bytes.length - 1));
const spliced = (bytes: Buffer, at: number, removed: number, put: Buffer) =>
  Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + removed)]);

/** Pieces that no writer of JSON makes. */
const PIECES = [
  '\ufeff',
  '\0',
  '\\u',
  '\\ud83d',
  '1e999',
  '-',
  '123456789012345678901',
  '"',
  '[',
  '{"a":',
  ',,',
  'NaN',
  "'",
];

const BYTES: readonly [ByteStep, ...ByteStep[]] = [
  (random, bytes) => {
    const copy = Buffer.from(bytes);
    const place = position(random, copy);
    copy[place] = (copy[place] ?? 0) ^ (1 << whole(random, 0, 7));
    return copy;
  },
  (random, bytes) => bytes.subarray(0, position(random, bytes)),
  (random, bytes) => bytes.subarray(position(random, bytes)),
  (random, bytes) => spliced(bytes, position(random, bytes), whole(random, 0, 20), Buffer.of()),
  (random, bytes) =>
    spliced(bytes, position(random, bytes), 0, Buffer.from(pick(random, PIECES as [string]))),
  (random, bytes) => spliced(bytes, position(random, bytes), 0, Buffer.of(whole(random, 128, 255))),
  (random, bytes) => Buffer.concat([bytes, bytes.subarray(position(random, bytes))]),
  (random, bytes) => {
    // A key that stands twice.
    const text = bytes.toString('utf8');
    const [pair] =
      /"[^"\\]{1,40}":(?:"[^"\\]*"|[\d.]+|null|true|false)/.exec(text.slice(position(random, bytes) / 2)) ??
      [];
    return pair === undefined ? bytes : Buffer.from(text.replace(/\{/, `{${pair},`));
  },
  (random, bytes) => Buffer.from(bytes.toString('utf8'), pick(random, ['latin1', 'utf16le'])),
];

/** The bytes of a body, sometimes damaged as no writer of JSON would. */
export function mutatedBytes(random: Random, bytes: Buffer): Buffer {
  return random() < 0.3 ? pick(random, BYTES)(random, bytes) : bytes;
}
