import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { CATALOGUE, indexText, pageOf, pageText } from '../sync/catalogue/index.ts';

/** `npm run docs:errors`: writes docs/errors anew from the catalogue. A test fails while the pages are stale. */
const root = new URL('../../', import.meta.url);
rmSync(new URL('docs/errors/', root), { recursive: true, force: true });
for (const entry of CATALOGUE) {
  const page = new URL(pageOf(entry), root);
  mkdirSync(new URL('./', page), { recursive: true });
  writeFileSync(page, pageText(entry));
}
writeFileSync(new URL('docs/errors/README.md', root), indexText());
