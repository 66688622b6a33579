import { failureOf } from './failure.ts';
import { isHidden } from './outcomes.ts';

/** What was asked for; `instead` where the org has no such object or field, or hides it from the user. Else throws as it did. */
export async function orHidden<T>(asked: Promise<T>, instead: T): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    if (isHidden(failureOf(error))) {
      return instead;
    }
    throw error;
  }
}
