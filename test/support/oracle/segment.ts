import { type Fact, object, plainName, setAll, text, type Values } from './fact.ts';

/** One call of the Segment spec. */
export function segmentCall(call: Values, heard: number): Fact {
  const type = String(call.type);
  if (!['track', 'page', 'screen', 'identify', 'group'].includes(type)) {
    throw new Error(`the oracle knows no call ${type}`);
  }
  const context = object(call.context);
  const { company, ...own } = object(call.traits);
  const isGroup = type === 'group';
  return {
    id: `segment ${call.messageId}`,
    at: Date.parse(String(call.timestamp)),
    heard,
    did: type === 'track' ? plainName(String(call.event)) : null,
    isActivity: ['track', 'page', 'screen'].includes(type),
    properties: object(call.properties),
    user: text(call.userId),
    device: text(call.anonymousId),
    account: isGroup ? text(call.groupId) : (text(context.groupId) ?? text(object(company).id)),
    aboutPerson: isGroup ? [] : setAll(type === 'identify' ? own : signUp(call)),
    aboutAccount: setAll(isGroup ? object(call.traits) : object(company)),
    declared: type === 'identify' || isGroup,
  };
}

/** `Signed Up` says who signed up. */
function signUp({ type, event, properties }: Values): Values {
  if (type !== 'track' || plainName(String(event)) !== 'signedup') {
    return {};
  }
  const { email, title } = object(properties);
  return { ...(email === undefined ? {} : { email }), ...(title === undefined ? {} : { title }) };
}
