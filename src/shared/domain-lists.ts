import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isDisposableEmailDomain } from 'disposable-email-domains-js';
import type { DomainList } from '../accounts/domains.ts';

/** Loads the maintained lists of free and disposable mail domains: about 90,000 names, read once at start. */
export function loadDomainLists(): DomainList {
  const require = createRequire(import.meta.url);
  const load = (name: string) =>
    new Set(
      readFileSync(require.resolve(`freemail/data/${name}.txt`), 'utf8')
        .split('\n')
        .filter(Boolean),
    );
  const free = load('free');
  const disposable = load('disposable');
  return {
    kind: (domain) => {
      const name = domain.toLowerCase();
      if (free.has(name)) {
        return 'free';
      }
      return disposable.has(name) || isDisposableEmailDomain(name) ? 'disposable' : 'work';
    },
  };
}
