import { type Attributed, latest } from './attribution.ts';
import type { Fact } from './fact.ts';

const DAY = 86_400_000;
const DEPTH = ['keyfeatureused', 'workflowconfigured', 'apiintegrationcreated'];
export const DEPTH_MS = 7 * DAY;

export interface Standing {
  score: number;
  tier: 'none' | 'stage_1' | 'stage_2' | 'mql';
  points: Record<string, number>;
  /** Depth of use in the last 7 x 24 hours. */
  hasDepth: boolean;
}

/** The S0 rubric for one account at `now`, rule by rule in the words of the tracking plan. */
export function rate(own: readonly Attributed[], all: readonly Attributed[], now: number): Standing {
  const facts = own.map(({ fact }) => fact).filter((fact) => fact.at <= now);
  const recent = facts.filter((fact) => isWithin(fact, 90, now));
  const happened = (name: string) => recent.some((fact) => fact.did === name);
  const trait = (name: string) => latest(facts, 'aboutAccount', name);
  const behavioral = {
    seats_invited: Math.min(20, 5 * invitees(recent)),
    api_integration: happened('apiintegrationcreated') ? 15 : 0,
    workflow: happened('workflowconfigured') ? 20 : 0,
    cross_functional: departments(own, all, now) >= 2 ? 10 : 0,
    limit_breach: happened('limitbreachattempted') ? 25 : 0,
  };
  const firmographic = {
    company_size: isMidSize(trait('employees')) ? 15 : 0,
    industry: isTarget(trait('industry')) ? 10 : 0,
    tech_stack: Math.min(25, 5 * tools(trait('tech_stack'))),
  };
  const hasDepth = facts.some((fact) => DEPTH.includes(fact.did ?? '') && now - fact.at < DEPTH_MS);
  const hasBoth = sum(behavioral) >= 1 && sum(firmographic) >= 1;
  const points = { ...behavioral, ...firmographic };
  const score = sum(points);
  return { score, tier: tierOf(score, hasDepth && hasBoth), points, hasDepth };
}

export function isDepth(fact: Fact): boolean {
  return DEPTH.includes(fact.did ?? '');
}

function tierOf(score: number, mayQualify: boolean): Standing['tier'] {
  if (score >= 85 && mayQualify) {
    return 'mql';
  }
  return score >= 60 ? 'stage_2' : score >= 30 ? 'stage_1' : 'none';
}

/** The last `days` UTC days, today included. */
function isWithin(fact: Fact, days: number, now: number): boolean {
  return fact.at <= now && Math.floor(fact.at / DAY) > Math.floor(now / DAY) - days;
}

function invitees(recent: readonly Fact[]): number {
  const invited = recent
    .filter((fact) => fact.did === 'invitesent')
    .map(({ properties }) => properties.invitee_email);
  return new Set(invited.filter((email) => typeof email === 'string').map(plain)).size;
}

/**
 * Departments of the people who were active here in the last 30 days. What is known of a person is known
 * everywhere.
 */
function departments(own: readonly Attributed[], all: readonly Attributed[], now: number): number {
  const active = own
    .filter(({ fact }) => fact.isActivity && isWithin(fact, 30, now))
    .map(({ person }) => person);
  const known = [...new Set(active)].map((person) => {
    const said = all.filter((other) => person !== null && other.person === person).map(({ fact }) => fact);
    return latest(said, 'aboutPerson', 'department');
  });
  return new Set(known.filter((name) => typeof name === 'string' && name.trim() !== '').map(plain)).size;
}

/** 101 to 500, as a number, as text, or as a range wholly inside. */
function isMidSize(employees: unknown): boolean {
  const [least, most = least] = String(employees ?? '')
    .split('-')
    .map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  return least !== undefined && most !== undefined && least >= 101 && most <= 500;
}

function isTarget(industry: unknown): boolean {
  return ['software', 'financial services', 'healthcare'].includes(plain(industry));
}

/** A list, or a list as JSON text. */
function tools(stack: unknown): number {
  const list: unknown = typeof stack === 'string' ? JSON.parse(stack) : stack;
  return new Set((Array.isArray(list) ? list : []).map(plain)).size;
}

function plain(value: unknown): string {
  return String(value ?? '')
    .trim()
    .toLowerCase();
}

function sum(points: Record<string, number>): number {
  return Object.values(points).reduce((total, one) => total + one, 0);
}
