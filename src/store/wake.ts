import { isoInstant } from '../shared/time.ts';
import type { AssessDeps } from './assess.ts';
import { inTransaction, massive, type Tx } from './db.ts';

/**
 * Accounts whose score stopped holding become dirty (I5). New behaviour is not needed: silence acts too. One that
 * the champion has not scored in its present version does not act: the entry could be the new version's. Scores of
 * models that are neither champion nor shadow any more stay as they were.
 */
export async function wakeExpired(deps: AssessDeps): Promise<number> {
  const { model } = deps.policy();
  const names = [model, ...deps.shadows()].map((one) => one.model);
  const woken = await deps.db.query(
    `INSERT INTO dirty_accounts (account, due_at, act)
     SELECT account, $2::timestamptz, bool_or(model = $3 AND version = $4)
     FROM scores
     WHERE account IN (SELECT account FROM scores WHERE valid_until <= $1 AND model = ANY($5))
     GROUP BY account ORDER BY account
     ON CONFLICT (account) DO UPDATE SET due_at = least(dirty_accounts.due_at, excluded.due_at)`,
    [isoInstant(deps.now()), isoInstant(deps.realNow()), model.model, model.version, names],
  );
  return woken.rowCount ?? 0;
}

/**
 * Every account, or one, is scored again, whatever it holds. `act`: also what a model, a merge or a backfill made is acted on, once,
 * whether or not the account was scored since.
 */
export async function wakeAll(
  deps: AssessDeps,
  act: boolean,
  account: string | null = null,
): Promise<number> {
  const woken = await deps.db.query(
    massive({
      text: `INSERT INTO dirty_accounts (account, due_at, act, catch_up) SELECT id, $1, $2, $2 FROM accounts
     WHERE $3::uuid IS NULL OR id = $3 ORDER BY id
     ON CONFLICT (account) DO UPDATE SET due_at = least(dirty_accounts.due_at, excluded.due_at),
       act = dirty_accounts.act OR excluded.act, catch_up = dirty_accounts.catch_up OR excluded.catch_up`,
      values: [isoInstant(deps.realNow()), act, account],
    }),
  );
  return woken.rowCount ?? 0;
}

/**
 * Accounts that another version of a model scored, and all when a model became champion or shadow: what it kept from
 * an earlier time is old. They are scored without acting: nobody did anything (decision 11). Looked for at every sweep,
 * so that a version that changes while a rescoring runs, or a worker that was late, leaves no score of another version.
 */
export async function wakeOutdated(deps: AssessDeps): Promise<number> {
  const models = [deps.policy().model, ...deps.shadows()];
  const names = models.map(({ model }) => model);
  const at = isoInstant(deps.realNow());
  return inTransaction(deps.db, async (tx) => {
    const known = await modelsInForce(tx);
    // Another champion's scores are what the CRMs must show, also where it kept them up to date as a shadow.
    const isNew = known[0] !== names[0] || names.some((name) => !known.includes(name));
    const woken = isNew
      ? await tx.query(
          massive({
            text: `INSERT INTO dirty_accounts (account, due_at, act) SELECT id, $1, false FROM accounts ORDER BY id
             ON CONFLICT DO NOTHING`,
            values: [at],
          }),
        )
      : await tx.query(
          massive({
            text: `INSERT INTO dirty_accounts (account, due_at, act)
             SELECT DISTINCT scores.account, $1::timestamptz, false
             FROM unnest($2::text[], $3::text[]) AS now (model, version)
             JOIN scores ON scores.model = now.model AND (scores.version < now.version OR scores.version > now.version)
             ORDER BY 1 ON CONFLICT DO NOTHING`,
            values: [at, names, models.map(({ version }) => version)],
          }),
        );
    if (known.join() !== names.join()) {
      await noteInForce(tx, names);
    }
    return woken.rowCount ?? 0;
  });
}

/** The champion and the shadows that scores were last made with, the champion first; none before the first start. */
async function modelsInForce(tx: Tx): Promise<string[]> {
  const known = await tx.query<{ value: string }>(`SELECT value FROM settings WHERE name = 'models'`);
  return known.rows[0]?.value.split(',') ?? [];
}

async function noteInForce(tx: Tx, names: readonly string[]): Promise<void> {
  await tx.query(
    `INSERT INTO settings (name, value) VALUES ('models', $1)
     ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
    [names.join(',')],
  );
}
