import { expect, test } from 'vitest';
import {
  decideProjectState,
  type ProjectState,
  type ProjectStateFacts,
} from '#lib/overview/project-state.ts';

const now = new Date('2026-11-21T12:00:00Z');
const idle: ProjectStateFacts = {
  isArchived: false,
  isPaused: false,
  isSetUp: true,
  isStopped: false,
  waitKind: null,
  waitUntil: null,
  isAtLimit: false,
  isOnAlternate: false,
  isBothDown: false,
  connection: 'works',
  waiting: 0,
  recentOutcomes: 0,
};

const cases: readonly (readonly [string, Partial<ProjectStateFacts>, ProjectState])[] = [
  ['works', {}, 'idle'],
  ['sends', { waiting: 1 }, 'sending'],
  ['was never proved', { connection: 'never_proved' }, 'idle'],
  ['has a secret that ends soon', { connection: 'ends_soon', waiting: 3 }, 'ends_soon'],
  ['fails its proof', { connection: 'fails' }, 'proof_fails'],
  ['has no consent', { connection: 'consent_missing' }, 'consent_missing'],
  ['has no consent and stopped for it', { connection: 'consent_missing', isStopped: true }, 'stopped'],
  ['is paused by a person, whatever its proof says', { connection: 'fails', isPaused: true }, 'paused'],
  [
    'has no consent and is at its limit',
    { connection: 'consent_missing', isAtLimit: true },
    'consent_missing',
  ],
  ['fails its proof and goes by the alternate', { connection: 'fails', isOnAlternate: true }, 'on_alternate'],
  [
    'fails its proof and waits for its server',
    { connection: 'fails', waitKind: 'unreachable', waitUntil: new Date('2026-11-21T12:01:00Z') },
    'unreachable',
  ],
  ['is not set up', { connection: 'not_set_up', isSetUp: false }, 'not_set_up'],
];

test.each(cases)('a project that %s', (_, facts, state) => {
  expect(decideProjectState(now, { ...idle, ...facts })).toBe(state);
});
