import { BUTTONS } from '../../alerts/slack/words.ts';
import type { SlackSandbox } from '../../sandbox/slack/index.ts';
import { REPS } from './team.ts';

/** The account that nobody gets in touch with in time, so that one sees what happens then. */
export const FORGOTTEN = 'Vandermeer Capital';

/**
 * What the reps of the demo do in Slack: whoever is mentioned claims the account, each message once.
 *
 * @param url where the service takes presses
 * @param claimed messages that were claimed before, and are added to
 */
export async function claimNew(slack: SlackSandbox, url: string, claimed: Set<string>): Promise<void> {
  for (const { channel, ts, blocks } of slack.messages()) {
    const text = JSON.stringify(blocks);
    const isNew = !claimed.has(ts) && text.includes(BUTTONS.claim) && !text.includes(FORGOTTEN);
    if (isNew) {
      claimed.add(ts);
      const user = REPS.find(({ id }) => text.includes(id)) ?? REPS[0];
      const { status } = await slack.press({ url, channel, ts, action: BUTTONS.claim, user: user?.id ?? '' });
      if (status !== 200) {
        throw new Error(`a press of a button was answered with ${status}`);
      }
    }
  }
}
