import { createHmac } from 'node:crypto';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { pick, type Random, whole } from '../../src/sandbox/traffic/random.ts';
import { type Auth, MAKERS, marksIn, SECRETS } from './bodies.ts';
import { mutatedBytes, mutatedTree } from './mutate.ts';

export interface Request {
  method: string;
  path: string;
  headers: Record<string, string>;
  /** As it is sent. */
  wire: Buffer;
  /** What must be found in the journal or in quarantine once the request was acknowledged. */
  marks: ReadonlySet<string>;
}

/** The `number`th request of a seed. */
export function requestOf(random: Random, number: number): Request {
  const { path, auth, body } = pick(random, MAKERS)(`fz-${number}`, random);
  const json = JSON.stringify(mutatedTree(random, body)) ?? '';
  const form = auth === 'slack' ? `payload=${encodeURIComponent(json)}` : json;
  const bytes = mutatedBytes(random, Buffer.from(form));
  const { wire, headers, whole: isWhole } = encoded(random, bytes);
  return {
    method: random() < 0.02 ? pick(random, ['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) : 'POST',
    path:
      random() < 0.01 ? `${path}${pick(random, ['/', '%00', '?a=b&a[b]=c', '/../segment', '%ff'])}` : path,
    headers: { ...headers, ...credentials(random, auth, bytes) },
    wire,
    // Without a trace where the label says something else than the bytes are; a deletion keeps nothing by design.
    marks: isWhole && !bytes.includes('"delete"') ? marksIn(path, bytes) : new Set(),
  };
}

interface Encoded {
  wire: Buffer;
  headers: Record<string, string>;
  whole: boolean;
}

const CODECS: Record<string, (bytes: Buffer) => Buffer> = {
  gzip: gzipSync,
  br: brotliCompressSync,
  deflate: deflateSync,
  rawDeflate: deflateRawSync,
};

function encoded(random: Random, bytes: Buffer): Encoded {
  const type = pick(random, [
    'application/json',
    'application/json',
    'text/plain',
    'application/x-www-form-urlencoded',
    '',
  ]);
  const headers: Record<string, string> = type === '' ? {} : { 'content-type': type };
  if (random() < 0.8) {
    return { wire: bytes, headers, whole: true };
  }
  const name = pick(random, ['gzip', 'br', 'deflate', 'rawDeflate']);
  const label = name === 'rawDeflate' ? 'deflate' : name;
  const packed = CODECS[name]?.(bytes) ?? bytes;
  switch (whole(random, 0, 5)) {
    case 0:
      return {
        wire: packed.subarray(0, whole(random, 0, packed.length)),
        headers: { ...headers, 'content-encoding': label },
        whole: false,
      };
    case 1: {
      const wrong = pick(random, ['gzip', 'br', 'deflate', 'zstd', 'gzip, gzip', 'x', '']);
      return { wire: packed, headers: { ...headers, 'content-encoding': wrong }, whole: false };
    }
    case 2: {
      const damaged = mutatedBytes(() => random() * 0.3, packed);
      return { wire: damaged, headers: { ...headers, 'content-encoding': label }, whole: false };
    }
    default:
      return { wire: packed, headers: { ...headers, 'content-encoding': label }, whole: true };
  }
}

/** Mostly right: over the body as it is, whatever was done to it. */
function credentials(random: Random, auth: Auth, bytes: Buffer): Record<string, string> {
  if (random() < 0.06) {
    return pick<Record<string, string>>(random, [
      {},
      { authorization: 'Bearer wrong' },
      { 'x-signature': 'f'.repeat(40) },
      { authorization: 'Basic ////' },
    ]);
  }
  switch (auth) {
    case 'segment': {
      // A wrong signature with the right token, now and then.
      const signed = random() < 0.95 ? signedPart(bytes) : Buffer.from('other');
      const signature = createHmac('sha1', SECRETS.SEGMENT_WEBHOOK_SECRET).update(signed).digest('hex');
      return { 'x-signature': signature, 'x-webhook-token': SECRETS.SEGMENT_WEBHOOK_TOKEN };
    }
    case 'token':
      return { authorization: `Bearer ${SECRETS.AMPLITUDE_WEBHOOK_TOKEN}` };
    case 'basic':
      return { authorization: `Basic ${Buffer.from(`${SECRETS.SEGMENT_WRITE_KEYS}:`).toString('base64')}` };
    case 'slack':
      return slackHeaders(bytes);
    case 'inBody':
      return {};
  }
}

/** Slack signs the time and the whole body. */
function slackHeaders(bytes: Buffer): Record<string, string> {
  const stamp = String(Math.floor(Date.now() / 1000));
  const signed = createHmac('sha256', SECRETS.SLACK_SIGNING_SECRET).update(`v0:${stamp}:`).update(bytes);
  return { 'x-slack-request-timestamp': stamp, 'x-slack-signature': `v0=${signed.digest('hex')}` };
}

/** Segment signs the first element of an array, and the whole of everything else. */
function signedPart(bytes: Buffer): Buffer {
  try {
    const body = JSON.parse(bytes.toString('utf8')) as unknown;
    const [first] = Array.isArray(body) ? body : [];
    const text = first === undefined ? null : JSON.stringify(first);
    return text !== null && bytes.includes(text) ? Buffer.from(text) : bytes;
  } catch {
    return bytes;
  }
}
