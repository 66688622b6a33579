import type { Response } from 'express';
import { z } from 'zod';
import { didYouMean } from '../shared/config-file.ts';

/** The one shape of a refused request: code, sentence, and which parameter. */
export function problem(response: Response, status: number, code: string, message: string): void {
  response.status(status).json({ error: { code, message } });
}

/** Text of a query or a body. PostgreSQL refuses a NUL, so that no row can hold one either. */
export const queryText = z.string().refine((text) => !text.includes('\0'), { error: 'must not hold a NUL' });

/** A model by its name; another is refused with the names there are. */
export function modelName(models: readonly string[]) {
  return queryText
    .refine((name) => models.includes(name), {
      error: ({ input }) => `allowed: ${models.join(', ')}${didYouMean(String(input), models)}`,
    })
    .default(models[0] ?? '');
}

/** Parses the query; answers 400 with every problem and gives null when it does not fit. */
export function queryOf<S extends z.ZodType>(
  schema: S,
  query: unknown,
  response: Response,
): z.output<S> | null {
  const parsed = schema.safeParse(query);
  if (parsed.success) {
    return parsed.data;
  }
  const problems = parsed.error.issues.map((issue) => ({
    path: issue.path.join('.'),
    message: issue.message,
  }));
  response
    .status(400)
    .json({ error: { code: 'invalid_query', message: 'the query does not fit', problems } });
  return null;
}
