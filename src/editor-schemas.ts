import { z } from 'zod';
import { accountsSchema } from './accounts/accounts-config.ts';
import { factsSchema } from './accounts/facts-config.ts';
import { signalsSchema } from './accounts/signals-config.ts';
import { handoffSchema } from './decide/handoff/schema.ts';
import { hubspotSchema, salesforceSchema } from './decide/mapping-schema.ts';
import { modelsSchema } from './mappings.ts';
import { testFileSchema } from './models/tests/schema.ts';
import { modelSchema } from './score/schema/model.ts';

/** The shape of one kind of configuration file, published for editors and for programs that write such files. */
export interface EditorSchema {
  /** `mappings/schema/<name>.schema.json` */
  name: string;
  title: string;
  /** Files of that shape, below `mappings`: their head comment names the schema. */
  files: RegExp;
  schema: z.ZodType;
}

/** A new kind of configuration file is a line here; `npm run schema` then writes its JSON Schema. */
export const EDITOR_SCHEMAS: readonly EditorSchema[] = [
  { name: 'signals', title: 'What counts', files: /^signals\.yaml$/, schema: signalsSchema },
  { name: 'models', title: 'Which models run', files: /^models\.yaml$/, schema: modelsSchema },
  {
    name: 'model',
    title: 'A scoring model',
    files: /^models\/(?!.*\.test\.yaml$).+\.yaml$/,
    schema: modelSchema,
  },
  {
    name: 'test',
    title: 'Tests of a scoring model',
    files: /^models\/.+\.test\.yaml$/,
    schema: testFileSchema,
  },
  {
    name: 'accounts',
    title: 'Which account an event belongs to',
    files: /^accounts\.yaml$/,
    schema: accountsSchema,
  },
  { name: 'facts', title: 'What is known beside events', files: /^facts\.yaml$/, schema: factsSchema },
  { name: 'handoff', title: 'Who gets an account', files: /^handoff\.yaml$/, schema: handoffSchema },
  { name: 'hubspot', title: 'What HubSpot gets', files: /^hubspot\.yaml$/, schema: hubspotSchema },
  {
    name: 'salesforce',
    title: 'What Salesforce gets',
    files: /^salesforce\.yaml$/,
    schema: salesforceSchema,
  },
];

/** The JSON Schema (draft 2020-12) of what an operator may write: before defaults and transformations. */
export function editorSchemaText({ title, schema }: EditorSchema): string {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input' });
  return `${JSON.stringify({ $schema, title, ...rest }, null, 2)}\n`;
}

/** The head comment by which an editor finds the schema of `file` (a path below `mappings`). */
export function editorComment({ name }: EditorSchema, file: string): string {
  const up = '../'.repeat(file.split('/').length - 1);
  return `# yaml-language-server: $schema=${up}schema/${name}.schema.json`;
}
