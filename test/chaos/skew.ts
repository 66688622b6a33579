/**
 * Preloaded (`node --import`) into a process whose clock is to be wrong: shifts Date by CHAOS_SKEW_MS there and nowhere
 * else. Timers and performance.now go on as they are, as they do on a machine whose clock is off.
 */
const skew = Number(process.env.CHAOS_SKEW_MS ?? 0);
const Real = Date;
const now = () => Real.now() + skew;

globalThis.Date = new Proxy(Real, {
  construct: (target, args, as) => Reflect.construct(target, args.length === 0 ? [now()] : args, as),
  apply: () => new Real(now()).toString(),
  get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
});
