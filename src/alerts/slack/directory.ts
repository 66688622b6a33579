import { DAY, HOUR } from '../../shared/time.ts';
import type { Directory } from '../port.ts';
import type { SlackClient } from './client.ts';
import { isUnknownUser } from './outcomes.ts';

/** Who is found is remembered for a day, who is not for an hour. */
const FOUND = DAY;
const MISSED = HOUR;
const REMEMBERED = 10_000;

/**
 * Who is who in Slack, remembered. Somebody whom Slack does not tell of, for whatever reason, is named without a mention: no alert waits
 * for that.
 */
export function slackDirectory(
  client: Pick<SlackClient, 'userByEmail' | 'emailOfUser'>,
  realNow: () => number,
): Directory {
  const users = remembered(realNow);
  const emails = remembered(realNow);
  return {
    userOf: (email) => users(email, () => client.userByEmail(email)),
    emailOf: (user) => emails(user, () => client.emailOfUser(user)),
  };
}

type Answer = Awaited<ReturnType<SlackClient['emailOfUser']>>;

function remembered(realNow: () => number) {
  const known = new Map<string, { value: string | null; until: number }>();
  return async (key: string, ask: () => Promise<Answer>): Promise<string | null> => {
    const found = known.get(key);
    if (found !== undefined && found.until > realNow()) {
      return found.value;
    }
    const answer = await ask();
    const value = answer.ok ? answer.data : null;
    if (answer.ok || isUnknownUser(answer.failure)) {
      known.delete(key);
      known.set(key, { value, until: realNow() + (value === null ? MISSED : FOUND) });
      const [oldest] = known.keys();
      if (known.size > REMEMBERED && oldest !== undefined) {
        known.delete(oldest);
      }
    }
    return value;
  };
}

/** Of a webhook: nobody can be looked up. */
export const NOBODY: Directory = { userOf: async () => null, emailOf: async () => null };
