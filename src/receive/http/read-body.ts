import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, inflateRaw } from 'node:zlib';
import { err, ok, type Result } from '../../shared/result.ts';
import { type Reply, refused, tooMuchAtOnce } from './reply.ts';
import type { Held } from './room.ts';

const expand = {
  gzip: promisify(gunzip),
  br: promisify(brotliDecompress),
  deflate: promisify(inflate),
  rawDeflate: promisify(inflateRaw),
};

/**
 * The whole body, inflated, at most `cap` bytes before and after: a compressed body cannot unfold to more. Never
 * rejects: a body that is too large, broken or cut off by the sender is a reply to give, and so is one for whose
 * bytes there is no room now.
 */
export async function readBody(
  request: IncomingMessage,
  cap: number,
  held: Held,
): Promise<Result<Buffer, Reply>> {
  const raw = await readRaw(request, cap, held);
  if (!raw.ok) {
    return raw;
  }
  const body = await inflated(raw.value, request.headers['content-encoding'], cap);
  return body.ok && !held.take(body.value.length - raw.value.length) ? err(tooMuchAtOnce()) : body;
}

function readRaw(request: IncomingMessage, cap: number, held: Held): Promise<Result<Buffer, Reply>> {
  if (Number(request.headers['content-length'] ?? 0) > cap) {
    return Promise.resolve(err(tooLarge(cap)));
  }
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let refusal: Reply | null = null;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (refusal === null && size > cap) {
        refusal = tooLarge(cap);
      } else if (refusal === null && !held.take(chunk.length)) {
        refusal = tooMuchAtOnce();
      }
      if (refusal === null) {
        chunks.push(chunk);
      } else {
        // The rest is read and thrown away, so that the sender gets to hear the answer.
        chunks.length = 0;
        resolve(err(refusal));
      }
    });
    request.on('end', () => resolve(ok(Buffer.concat(chunks))));
    const cutOff = () => {
      if (!request.complete) {
        resolve(err(refused(400, 'cut_off', 'The request ended before its body did.')));
      }
    };
    request.on('error', cutOff).on('close', cutOff);
  });
}

async function inflated(
  raw: Buffer,
  encoding: string | undefined,
  cap: number,
): Promise<Result<Buffer, Reply>> {
  const method = methodOf(raw, encoding?.trim().toLowerCase() ?? '');
  if (method === 'identity') {
    return ok(raw);
  }
  if (method === 'unknown') {
    return err(refused(415, 'unknown_encoding', 'The body may be plain, gzip, deflate or br.'));
  }
  try {
    return ok(await expand[method](raw, { maxOutputLength: cap }));
  } catch (error) {
    const tooLong = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    return err(tooLong ? tooLarge(cap) : refused(400, 'bad_encoding', `The body is no valid ${method}.`));
  }
}

/**
 * What the bytes are. RudderStack's SDK sends gzip labelled as a form, and proxies inflate without taking the
 * label off, so gzip is known by its first bytes.
 */
function methodOf(raw: Buffer, encoding: string): keyof typeof expand | 'identity' | 'unknown' {
  if (raw[0] === 0x1f && raw[1] === 0x8b) {
    return 'gzip';
  }
  switch (encoding) {
    case '':
    case 'identity':
    case 'gzip':
    case 'x-gzip':
      return 'identity';
    case 'br':
      return 'br';
    case 'deflate':
      // With the zlib header that the standard asks for, or without, as some senders do.
      return ((raw[0] ?? 0) & 0x0f) === 8 ? 'deflate' : 'rawDeflate';
    default:
      return 'unknown';
  }
}

function tooLarge(cap: number): Reply {
  return refused(413, 'too_large', `The body may have at most ${cap} bytes.`);
}
