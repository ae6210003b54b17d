import { afterAll, afterEach, beforeEach, expect } from 'vitest';
import { endFile } from '#tests/support/file-endings.ts';

// A line that nobody asked for hides the one that matters, so a test that prints is a failed test.
const channels = ['debug', 'info', 'log', 'warn', 'error'] as const;
const heard: string[] = [];

beforeEach(() => {
  heard.length = 0;
  for (const channel of channels) {
    console[channel] = (...parts: unknown[]) => {
      heard.push(`console.${channel}: ${parts.map(String).join(' ')}`);
    };
  }
});

afterEach(() => {
  expect(heard, 'the test printed to the console').toEqual([]);
});

afterAll(endFile);
