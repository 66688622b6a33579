import { createHmac } from 'node:crypto';
import { sameCode, secretsOf } from '../../shared/secrets.ts';
import { firstElement, onlyJsonValue, trimmed } from './first-element.ts';

/**
 * Checks `X-Signature`: lower-case hex HMAC-SHA1 of the bytes that Segment signed. That is the whole body for a single event and
 * for `{"batch": …}`, and only the first element of an array. `secret` may hold several, separated by commas.
 *
 * Limits, all Segment's: elements after the first of an array are not covered, so a tampered second element passes; only a
 * shared token in a header, which customers can add, covers them. Nothing protects against replay: the message
 * id does (I2). Form-encoded bodies and audiences with "extras" carry a signature that matches no body.
 */
export function signatureMatches(body: Buffer, header: string | undefined, secret: string): boolean {
  if (!looksSigned(header)) {
    return false;
  }
  const given = Buffer.from(header, 'hex');
  const secrets = secretsOf(secret);
  return signedBytes(body).some((bytes) => secrets.some((one) => sameCode(given, hmac(bytes, one))));
}

/** Whether there is something to compare: without it nobody needs the body. */
export function looksSigned(header: string | undefined): header is string {
  return header !== undefined && /^[0-9a-f]{40}$/.test(header);
}

/**
 * What may have been signed, most likely first. The bytes are cut out, not written anew: encoders differ. A body that
 * is no array may be signed with the blanks around it (a file with a last line break) or without.
 */
function signedBytes(body: Buffer): Buffer[] {
  const whole = trimmed(body);
  const first = firstElement(whole);
  if (first === null) {
    return whole.length === body.length ? [whole] : [whole, body];
  }
  const inner = onlyJsonValue(first);
  return inner === null ? [first] : [first, inner];
}

function hmac(bytes: Buffer, secret: string): Buffer {
  return createHmac('sha1', secret).update(bytes).digest();
}
