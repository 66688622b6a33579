import type { Story } from '../story.ts';
import { BROWSING } from './browsing.ts';
import { PROMISING } from './promising.ts';
import { QUALIFIED } from './qualified.ts';
import { SPECIAL } from './special.ts';
import { WARMING } from './warming.ts';

/** Everybody who appears in the demo. */
export const STORIES: readonly Story[] = [...QUALIFIED, ...SPECIAL, ...PROMISING, ...WARMING, ...BROWSING];
