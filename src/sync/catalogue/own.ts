import { type Row, thenRetry } from './entry.ts';

/** What this program finds by itself on the way to a CRM. */
export const OWN: readonly Row[] = [
  [
    'record_parked',
    'park',
    'A task or membership whose company, account or person is parked.',
    'Mend the parked record and retry it: what hangs on it goes along.',
  ],
  [
    'record_pending',
    'retry',
    'A task or membership whose company, account or person is still on its way. It counts as no attempt.',
  ],
  [
    'no_record',
    'skip',
    'The CRM has no record for it, and the mapping lets none be created.',
    'Set `create` in the mapping, if there should be one.',
  ],
  [
    'no_match',
    'skip',
    'The CRM has no such record, and the mapping lets none be created. It is looked for again after a day.',
    'Set `create` in the mapping, if there should be one.',
  ],
  [
    'no_email',
    'skip',
    'A contact is found by e-mail, and this person has none.',
    'Send the address in an identify call.',
  ],
  ['no_task', 'skip', 'The account has no task in the CRM that could get a line or be closed.'],
  [
    'overtaken',
    'skip',
    'What would have been done was overtaken: the account has bought, or is suppressed, before its task was made.',
  ],
  [
    'touched',
    'skip',
    'What would have been told of a promise of first contact is true no more: somebody got in touch before it was written.',
  ],
  [
    'no_owner',
    'park',
    'Nobody of the owner chain can take the task.',
    thenRetry('Name a fallback, or somebody who is active and there; `pql owners` says who is full or out'),
  ],
  [
    'no_answer',
    'retry',
    'The connector did not mention the record.',
    'If it lasts, this is a fault of pql-bridge: please report it.',
  ],
  [
    'company_taken',
    'park',
    'Every company of the account’s domain in the CRM stands for another account here.',
    thenRetry(
      'One company: merge the two accounts (`pql accounts merge`). Two: make a company in the CRM for one of them and write its key into our unique field there. Two accounts that shall each get a company of their own without asking: leave `domain` out of `match`',
    ),
  ],
  [
    'several_match',
    'park',
    'Several records match equally well, and the mapping says `several: refuse`.',
    thenRetry('Merge them in the CRM, or say `several: oldest`'),
  ],
  [
    'required_missing',
    'park',
    'A new record would lack fields that the CRM requires; it is not asked. The reason names them.',
    thenRetry('Fill them in the mapping from a fact that is always known, or send that fact'),
  ],
  [
    'merged_away',
    'park',
    'An admin merged two records that stand for two accounts here.',
    thenRetry('Merge the two here as well (`pql accounts merge`), or give one of them a record of its own'),
  ],
  [
    'missing_key',
    'pause',
    'The unique property by which companies are found is missing.',
    'Make it: `pql crm setup --apply`.',
  ],
  ['list_gone', 'retry', 'Somebody deleted the list of the campaign: it is made again.'],
  ['campaign_gone', 'retry', 'Somebody deleted the campaign: it is made again.'],
  [
    'awaiting_index',
    'look_first',
    'Whether a task was made is not known, and HubSpot’s search does not show new ones at once.',
  ],
  [
    'uncertain_task',
    'park',
    'HubSpot never answered whether it made this task, and no search finds it within ten minutes.',
    'Look on the company in HubSpot. The task is there: `pql errors dismiss ID`. It is not: `pql errors retry ID`.',
  ],
  ['unreadable', 'retry', 'A read brought nothing that could be understood.'],
  [
    'do_not_contact',
    'skip',
    'Between the decision and the delivery the account was suppressed, or something else holds it back now: the task or membership is not made.',
  ],
  [
    'over_budget',
    'wait',
    'The budget of calls is used up for what is less urgent; the reserve is left to everybody else. It counts as no attempt.',
    'Nothing. To give it more, lower the reserve; `docs/operating.md` has the limits.',
  ],
  [
    'held',
    'pause',
    'PQL_SYNC=manual: nothing is written but by `pql sync`.',
    'Look at `pql plan`, then write it: `pql sync`, or a plan as you looked at it: `pql plan --out FILE`, `pql sync --plan FILE`.',
  ],
  [
    'unreachable',
    'pause',
    'The CRM could not be reached, or refused the credentials, at the start.',
    '`pql doctor` says which.',
  ],
  [
    'wrong_mapping',
    'pause',
    'The mapping does not fit the schema of the CRM.',
    '`pql doctor` names every field; correct the mapping, or `pql crm setup --apply`.',
  ],
];

/** Why an event is in quarantine. It cannot be tried again: what was not understood is sent again by its sender, mended. */
export const EVENTS: readonly Row[] = [
  [
    'bad_json',
    'quarantine',
    'The body is no JSON: a template that does not escape, or a body cut short.',
    'Mend the template of the sender.',
  ],
  [
    'empty_body',
    'quarantine',
    'There is no body: a mapping that finds nothing.',
    'Mend the mapping of the sender.',
  ],
  ['not_an_object', 'quarantine', 'An element is no JSON object.', 'Mend the sender.'],
  [
    'form_encoded',
    'quarantine',
    'A form inside a batch: its fields cannot be told from the vendor’s own.',
    'Send JSON.',
  ],
  ['too_deep', 'quarantine', 'The element is nested deeper than 64 levels.', 'Send flatter properties.'],
  [
    'unknown_type',
    'quarantine',
    'There is no type of call, or an unknown one.',
    'Send track, identify, group, page, screen or alias.',
  ],
  ['no_event_name', 'quarantine', 'A track call without the name of its event.', 'Name the event.'],
  [
    'no_ids',
    'quarantine',
    'Nothing says whom or what the event is about.',
    'Send a user id, an anonymous id or a group.',
  ],
  ['no_group', 'quarantine', 'A group call that names no account, or several.', 'Send one groupId.'],
  [
    'no_membership',
    'quarantine',
    'An audience or cohort message that does not say who is in or out of what.',
    'Choose the standard body in the destination’s settings.',
  ],
  [
    'junk_id',
    'quarantine',
    'An id that stands for nobody, such as "null" or "undefined".',
    'Mend the tracking code: leave the id out while nobody is known.',
  ],
  ['bad_text', 'quarantine', 'An id was damaged on its way.', 'Mend the encoding of the sender: UTF-8.'],
  [
    'id_too_long',
    'quarantine',
    'An id is longer than can be kept.',
    'Send the id, not a token or a document.',
  ],
  [
    'before_2000',
    'quarantine',
    'The event is dated before the year 2000: usually seconds where milliseconds belong.',
    'Mend the timestamp of the sender.',
  ],
  [
    'from_the_future',
    'quarantine',
    'The event is dated more than a day after its receipt.',
    'Mend the clock of the sender.',
  ],
  [
    'too_old',
    'quarantine',
    'The event is older than the journal reaches, so that a repeat could not be told from a new one.',
    'Raise the retention before sending history.',
  ],
  [
    'unknown_list',
    'quarantine',
    'A cohort list that this service did not hand out.',
    'Save the cohort’s destination anew in Amplitude.',
  ],
  [
    'untranslatable',
    'quarantine',
    'The translation failed. This is a fault of pql-bridge.',
    'Please report it with what `pql errors show` prints.',
  ],
  [
    'not_foldable',
    'quarantine',
    'The event could not be folded into its account. This is a fault of pql-bridge or of a signal.',
    'Please report it with what `pql errors show` prints.',
  ],
];
