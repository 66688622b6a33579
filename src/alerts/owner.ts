import type { AlertDeps } from './deps.ts';
import type { ToldOwner } from './slack/words.ts';

/** Who is to be told, as Slack knows them: by hand from handoff.yaml, else by e-mail; else a name without a mention. */
export async function toldOwner(
  { alerts, directory }: AlertDeps,
  name: string | null,
): Promise<ToldOwner | null> {
  if (name === null || name === '') {
    return null;
  }
  const email = name.trim().toLowerCase();
  const byHand = alerts()?.owners.get(email) ?? null;
  if (byHand !== null || !email.includes('@')) {
    return { user: byHand, name };
  }
  return { user: await directory.userOf(email), name };
}
