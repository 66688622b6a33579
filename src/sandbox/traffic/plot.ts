import { type Cast, castOf } from './cast.ts';
import { type Deed, deedsOf, newInvitations } from './deeds.ts';
import type { Story } from './story.ts';

/** One sentence of a plot, with its events. */
export interface Scene {
  day: number;
  /** The day on which the service hears of it: later than `day` for what happened offline. */
  toldOn: number;
  who: Cast;
  deeds: Deed[];
}

/** The plot of a story in order. Throws on a sentence that is none: an unknown person or verb. */
export function scenesOf(story: Story): Scene[] {
  const cast = castOf(story);
  const scenes: Scene[] = [];
  let invited = 0;
  for (const [day, text] of Object.entries(story.plot)) {
    for (const sentence of text.split('; ')) {
      const { who, deed, toldOn } = read(sentence, Number(day), cast, story.name);
      scenes.push({ day: Number(day), toldOn, who, deeds: deedsOf(deed, who, invited) });
      invited += newInvitations(deed);
    }
  }
  return scenes;
}

function read(sentence: string, day: number, cast: ReadonlyMap<string, Cast>, story: string) {
  const [, name = '', deed = '', told] = /^(\S+) (.+?)(?:, told on day (\d+))?$/.exec(sentence) ?? [];
  const who = cast.get(name);
  if (who === undefined) {
    throw new Error(
      `the plot of ${story} says "${sentence}"; its people are: ${[...cast.keys()].join(', ')}`,
    );
  }
  return { who, deed, toldOn: told === undefined ? day : Number(told) };
}
