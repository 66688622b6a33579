import type { IncomingMessage } from 'node:http';
import { isJsonObject } from '../../shared/json.ts';
import { err, ok, type Result } from '../../shared/result.ts';
import { cohortToList, listIdOf, translateListCall } from '../amplitude/lists.ts';
import { areTooMany, holdsTooManyValues } from '../amplitude/size.ts';
import { carriesToken } from '../http/credentials.ts';
import { readBody } from '../http/read-body.ts';
import { accepted, type Reply, refused, routeOff, tooManyElements, unauthorized } from '../http/reply.ts';
import type { Handler } from '../http/serve.ts';
import { acknowledge, type Visit } from '../intake.ts';
import { parseJson } from '../json-text.ts';

export const AMPLITUDE_LISTS = 'amplitude.lists';

/** 10,000 ids of any length that is still an id, and room. */
const CAP = 32 * 1024 * 1024;

/** Creates a cohort's list: the same cohort always gets the same id, so a repeated create is harmless. */
export const createList: Handler = async (request, intake) => {
  const body = await admitted(request, intake);
  if (!body.ok) {
    return body.error;
  }
  const cohortId = cohortToList(body.value);
  return cohortId === null
    ? refused(400, 'invalid_name', 'The body needs a name, at best "<cohort name>: <cohort id>".')
    : accepted({ listId: listIdOf(cohortId) });
};

export const addToList = changeList('add');
export const removeFromList = changeList('remove');

function changeList(operation: 'add' | 'remove'): Handler {
  return async (request, intake) => {
    const body = await admitted(request, intake);
    if (!body.ok) {
      return body.error;
    }
    const listId = listIn(request.url ?? '');
    if (listId === null) {
      return refused(400, 'bad_request', 'The id of the list cannot be read.');
    }
    const arrival = intake.arrival('amplitude', AMPLITUDE_LISTS);
    const entries = translateListCall(listId, operation, body.value, arrival, intake.amplitude);
    return acknowledge(intake, AMPLITUDE_LISTS, entries, () => ({}));
  };
}

/** The id in `/amplitude/lists/:id/add`; null: its escapes are broken. */
function listIn(url: string): string | null {
  const [, id = ''] = /lists\/([^/?]+)/i.exec(url) ?? [];
  try {
    return decodeURIComponent(id);
  } catch {
    return null;
  }
}

async function admitted(request: IncomingMessage, { config, held }: Visit): Promise<Result<unknown, Reply>> {
  if (config.amplitudeToken === undefined) {
    return err(routeOff());
  }
  if (!carriesToken(request, config.amplitudeToken)) {
    return err(unauthorized('The token is missing or wrong.'));
  }
  const body = await readBody(request, CAP, held);
  if (!body.ok) {
    return body;
  }
  if (holdsTooManyValues(body.value)) {
    return err(tooManyElements());
  }
  const parsed = parseJson(body.value);
  if (parsed.ok && areTooMany([isJsonObject(parsed.value) ? { users: parsed.value.userIds } : null])) {
    return err(tooManyElements());
  }
  return parsed.ok ? ok(parsed.value) : err(refused(400, 'bad_json', 'The body is not JSON.'));
}
