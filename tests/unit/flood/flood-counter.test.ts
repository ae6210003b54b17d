import { expect, test } from 'vitest';
import { FloodCounter, windowLengthMs } from '#lib/flood/flood-counter.ts';

const hourMs = 1_800_000_000_000;

test('counts what came here on top of what everybody has told', () => {
  const counter = new FloodCounter(hourMs);
  counter.add(3, hourMs + 1_000);
  counter.learn(3, hourMs, 10, 0);
  counter.add(2, hourMs + 2_000);
  expect(counter.seen(hourMs + 2_000)).toBe(12);
  expect(counter.fresh).toBe(2);
});

test('what was added while Postgres was asked stays fresh', () => {
  const counter = new FloodCounter(hourMs);
  counter.add(3, hourMs);
  counter.add(4, hourMs);
  counter.learn(3, hourMs, 3, 0);
  expect(counter.seen(hourMs)).toBe(7);
});

test('of the hour before only the part counts that lies within sixty minutes', () => {
  const counter = new FloodCounter(hourMs);
  counter.add(100, hourMs + 1_000);
  expect(counter.seen(hourMs + windowLengthMs + windowLengthMs / 4)).toBe(75);
  expect(counter.seen(hourMs + 2 * windowLengthMs)).toBe(0);
});

test('an answer about another hour teaches nothing', () => {
  const counter = new FloodCounter(hourMs);
  counter.add(1, hourMs);
  counter.learn(1, hourMs - windowLengthMs, 500, 0);
  expect(counter.seen(hourMs)).toBe(1);
});

test('what is taken back never counted', () => {
  const counter = new FloodCounter(hourMs);
  counter.add(1, hourMs);
  counter.add(-1, hourMs);
  expect(counter.seen(hourMs)).toBe(0);
});
