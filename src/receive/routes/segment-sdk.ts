import type { IncomingMessage } from 'node:http';
import { isJsonObject } from '../../shared/json.ts';
import { isOneOf } from '../../shared/secrets.ts';
import { basicUser } from '../http/credentials.ts';
import { readBody } from '../http/read-body.ts';
import { type Reply, routeOff, unauthorized } from '../http/reply.ts';
import type { Handler } from '../http/serve.ts';
import type { Visit } from '../intake.ts';
import { parseJson } from '../json-text.ts';
import { refuseUnreadable } from '../unreadable.ts';
import { journalElements } from './segment-elements.ts';

export const SDK_SEGMENT = 'sdk.segment';

/** RudderStack's gateway takes 4,000 KB; Segment's 500 KB. */
const CAP = 4 * 1024 * 1024;

/** The call type of each path; the browser SDK uses one letter. null: a batch, whose elements name their own. */
export const SDK_PATHS: ReadonlyMap<string, string | null> = new Map([
  ...['track', 'identify', 'group', 'page', 'screen', 'alias'].flatMap((type): [string, string][] => [
    [`/v1/${type}`, type],
    [`/v1/${type.charAt(0)}`, type],
  ]),
  ['/v1/batch', null],
  ['/v1/b', null],
  ['/v1/import', null],
]);

/** Segment's and RudderStack's SDKs pointed here. The content type is not looked at: SDKs send JSON as text and as form. */
export function receiveSegmentSdk(type: string | null): Handler {
  return (request, intake) => receive(request, intake, type);
}

async function receive(request: IncomingMessage, intake: Visit, type: string | null): Promise<Reply> {
  const { segmentWriteKeys } = intake.config;
  if (segmentWriteKeys.length === 0) {
    return routeOff();
  }
  const isKnown = (key: string | null) => key !== null && isOneOf(key, segmentWriteKeys);
  const inHeader = basicUser(request);
  if (inHeader !== null && !isKnown(inHeader)) {
    return WRONG_KEY;
  }
  const body = await readBody(request, CAP, intake.held);
  if (!body.ok) {
    return body.error;
  }
  const parsed = parseJson(body.value);
  const content = parsed.ok ? parsed.value : null;
  if (inHeader === null && !isKnown(keyInBody(content))) {
    return WRONG_KEY;
  }
  const arrival = intake.directArrival('segment', SDK_SEGMENT, sentAtOf(content));
  if (!parsed.ok) {
    return refuseUnreadable(intake, arrival, body.value, 'bad_json', 'The body is not JSON.');
  }
  return journalElements(intake, arrival, parsed.value, (element) => withType(element, type));
}

const WRONG_KEY = unauthorized('The write key is missing or wrong.');

/** Where SDKs of browsers put the write key that others have in the Basic user name. */
function keyInBody(body: unknown): string | null {
  return isJsonObject(body) && typeof body.writeKey === 'string' ? body.writeKey : null;
}

function sentAtOf(body: unknown): unknown {
  return isJsonObject(body) ? body.sentAt : null;
}

function withType(element: unknown, type: string | null): unknown {
  return type !== null && isJsonObject(element) ? { ...element, type } : element;
}
