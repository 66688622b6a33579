import { relative } from 'node:path';
import { knownIn, type Mappings } from '../mappings.ts';
import { readModel } from '../score/compile/read.ts';
import type { Model } from '../score/model.ts';
import { type ConfigProblem, didYouMean } from '../shared/config-file.ts';
import { ABSENT, configText } from '../shared/config-text.ts';
import { err, ok, type Result } from '../shared/result.ts';
import type { Db } from '../store/db.ts';
import { findVersion } from '../store/models.ts';

/** A model as an operator names it: `why`: nothing of that name; `problems`: it is there and broken. */
export type Unfit = { why: string; problems: ConfigProblem[] };

/**
 * The model that is meant by a name (a file of the folder), by `name@version` (one that was loaded once; the beginning
 * of a version is enough where only one begins so), or by the path of a file.
 */
export async function modelFrom(
  db: Db,
  mappings: Mappings,
  asked: string,
): Promise<Result<{ model: Model; note: string | null }, Unfit>> {
  const named = mappings.files.find(({ model }) => model.model === asked);
  if (named !== undefined) {
    return ok({ model: named.model, note: null });
  }
  if (/[\\/]|\.ya?ml$/.test(asked)) {
    return ofFile(mappings, asked);
  }
  const [name = '', version] = asked.split('@');
  if (version === undefined || version === '') {
    const known = mappings.files.map(({ model }) => model.model);
    return unfit(
      `a model of the folder (${known.join(', ')}), NAME@VERSION, or a path${didYouMean(asked, known)}`,
    );
  }
  const found = await findVersion(db, name, version);
  if (found === null) {
    return unfit('a version that was loaded here once; `pql models list` shows them');
  }
  const read = ofText(mappings, `${name}.yaml`, found.text);
  const note = `${asked}: signals.yaml counts in another way since; compared as it would score now`;
  return read.ok && read.value.model.version !== found.version ? ok({ ...read.value, note }) : read;
}

function ofFile(mappings: Mappings, asked: string): Result<{ model: Model; note: null }, Unfit> {
  const text = configText(asked);
  if (!text.ok) {
    return err({ why: '', problems: [{ ...text.error, file: asked, path: '' }] });
  }
  return text.value === null ? unfit(ABSENT) : ofText(mappings, asked, text.value);
}

/** A copy under another name is still its model: the name inside the file counts. */
function ofText(mappings: Mappings, path: string, text: string): Result<{ model: Model; note: null }, Unfit> {
  const name = /^model:[ \t]*["']?([a-z0-9_-]+)/m.exec(text)?.[1] ?? '';
  const read = readModel(`${name}.yaml`, text, knownIn(mappings));
  const file = relative(process.cwd(), path);
  return read.ok
    ? ok({ model: read.value, note: null })
    : err({ why: '', problems: read.error.map((problem) => ({ ...problem, file })) });
}

function unfit(why: string): { ok: false; error: Unfit } {
  return err({ why, problems: [] });
}
