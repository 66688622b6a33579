import { didYouMean } from '../../shared/config-file.ts';

/** Notes a problem at a path of the file. Returns null, so that a compile step can say `return complain(…)`. */
export type Complain = (path: readonly PropertyKey[], found: unknown, allowed: string) => null;

/** Complains about what stands below `prefix`. */
export function below(complain: Complain, ...prefix: PropertyKey[]): Complain {
  return (path, found, allowed) => complain([...prefix, ...path], found, allowed);
}

/** The allowed names, and the nearest of them. */
export function oneOf(found: string, allowed: readonly string[]): string {
  return allowed.length === 0 ? 'nothing: there is none' : allowed.join(', ') + didYouMean(found, allowed);
}
