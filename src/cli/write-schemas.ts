import { mkdirSync, writeFileSync } from 'node:fs';
import { EDITOR_SCHEMAS, editorSchemaText } from '../editor-schemas.ts';

/** `npm run schema`: writes mappings/schema/*.schema.json anew from the code. A test fails while they are stale. */
const folder = new URL('../../mappings/schema/', import.meta.url);
mkdirSync(folder, { recursive: true });
for (const schema of EDITOR_SCHEMAS) {
  writeFileSync(new URL(`${schema.name}.schema.json`, folder), editorSchemaText(schema));
}
