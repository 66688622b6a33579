/** Why an element cannot become an event. The codes are stable: operators filter by them. */
export type RefusalCode =
  /** The body is not JSON (a template that does not escape, a cut-off body). */
  | 'bad_json'
  /** No body at all: a mapping that finds nothing. */
  | 'empty_body'
  /** An element that is no JSON object. */
  | 'not_an_object'
  /** A form inside a batch: its fields cannot be told from the vendor's own. */
  | 'form_encoded'
  /** Nested deeper than DEPTH_MAX. */
  | 'too_deep'
  /** No call type, or one we do not know. */
  | 'unknown_type'
  /** A track call without an event name. */
  | 'no_event_name'
  /** Nothing says whom or what the event is about. */
  | 'no_ids'
  /** A group call that names no account, or several. */
  | 'no_group'
  /** An audience or cohort message that does not say who is in or out of what. */
  | 'no_membership'
  /** An id that stands for "nobody", as Amplitude refuses them. */
  | 'junk_id'
  /** An id that was damaged on its way: NUL, lone surrogates or replacement characters. */
  | 'bad_text'
  /** An id longer than ID_MAX_BYTES. */
  | 'id_too_long'
  | 'before_2000'
  | 'from_the_future'
  /** Older than the journal reaches, so that a repeat could not be told from a new event (I2). */
  | 'too_old'
  /** A cohort list that we did not hand out. */
  | 'unknown_list'
  /** Our own fault: the translation failed. The element is kept and its batch goes on (I9). */
  | 'untranslatable';

export interface Refusal {
  code: RefusalCode;
  /** One sentence for a person, without personal data. */
  reason: string;
}

export function refusal(code: RefusalCode, reason: string): Refusal {
  return { code, reason };
}
