/** A button of an alert that somebody pressed. */
export interface Press {
  /** The same for the same press, however often it is told. */
  id: string;
  team: string;
  user: string;
  what: 'claim' | 'snooze' | 'not_a_fit';
  /** Id of the act that the message tells of. */
  act: string;
}
