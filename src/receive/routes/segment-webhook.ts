import { carriesToken } from '../http/credentials.ts';
import { readBody } from '../http/read-body.ts';
import { accepted, type Reply, refused, unauthorized, webhookOff } from '../http/reply.ts';
import type { Handler } from '../http/serve.ts';
import type { Visit } from '../intake.ts';
import { parseJson } from '../json-text.ts';
import { audienceSetup } from '../segment/audience-setup.ts';
import { looksSigned, signatureMatches } from '../segment/signature.ts';
import { refuseUnreadable } from '../unreadable.ts';
import { journalElements } from './segment-elements.ts';

export const SEGMENT_WEBHOOK = 'segment.webhook';

/** Between the 5 MB that batches may reach and 6 MB. Segment's own cap for a batch is about 4 MB. */
const CAP = 5.5 * 1024 * 1024;

/** A question before an audience is set up: a name, and what the customer adds. */
const SETUP_CAP = 16 * 1024;

/** Segment Webhooks (classic, Actions, Extensible, Audiences), Destination Functions, RudderStack's webhook. */
export const receiveSegmentWebhook: Handler = async (request, intake) => {
  const { segmentSecret, segmentToken } = intake.config;
  if (segmentSecret === undefined && segmentToken === undefined) {
    return webhookOff('SEGMENT_WEBHOOK_SECRET or SEGMENT_WEBHOOK_TOKEN');
  }
  const signature = oneOf(request.headers['x-signature']);
  const isStranger = segmentToken !== undefined && !carriesToken(request, segmentToken);
  const maySetUp = signature === undefined && Number(request.headers['content-length']) <= SETUP_CAP;
  if (isStranger && !maySetUp) {
    return unauthorized('The token is missing or wrong.');
  }
  // Nobody who did not sign gets a large body read.
  if (segmentSecret !== undefined && !looksSigned(signature) && !maySetUp) {
    return unauthorized('The signature is missing or wrong.');
  }
  const body = await readBody(request, CAP, intake.held);
  if (!body.ok) {
    return body.error;
  }
  const setup = maySetUp ? audienceSetup(body.value) : null;
  if (setup !== null) {
    return accepted(setup);
  }
  if (isStranger) {
    return unauthorized('The token is missing or wrong.');
  }
  if (body.value.length === 0) {
    return refuseEmpty(intake, segmentToken !== undefined);
  }
  if (segmentSecret !== undefined && !signatureMatches(body.value, signature, segmentSecret)) {
    return unauthorized('The signature is missing or wrong.');
  }
  return journalBody(intake, body.value);
};

/** Segment sends this, unsigned, when a mapping resolves to nothing: only a token tells whether it was Segment. */
function refuseEmpty(intake: Visit, isKnown: boolean): Promise<Reply> | Reply {
  const message = 'The body is empty: check the mapping in Segment.';
  return isKnown
    ? refuseUnreadable(intake, intake.arrival('segment', SEGMENT_WEBHOOK), Buffer.of(), 'empty_body', message)
    : refused(400, 'empty_body', message);
}

function journalBody(intake: Visit, body: Buffer): Promise<Reply> | Reply {
  const parsed = parseJson(body);
  const arrival = intake.arrival('segment', SEGMENT_WEBHOOK);
  if (!parsed.ok) {
    return refuseUnreadable(intake, arrival, body, 'bad_json', 'The body is not JSON.');
  }
  return journalElements(intake, arrival, parsed.value);
}

/** A header that came several times counts as its first. */
function oneOf(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}
