import { expect, test } from 'vitest';
import { createLog } from '#lib/log.ts';

function captured(level: string): { lines: Record<string, unknown>[]; log: ReturnType<typeof createLog> } {
  const lines: Record<string, unknown>[] = [];
  const write = (text: string): void => {
    lines.push(JSON.parse(text));
  };
  return { lines, log: createLog({ level, name: 'test', destination: { write } }) };
}

test('a line is one JSON object with time, level and name', () => {
  const { lines, log } = captured('info');
  log.info({ messageId: 'm1' }, 'accepted');
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatchObject({ level: 'info', name: 'test', messageId: 'm1', msg: 'accepted' });
  expect(String(lines[0]?.['time'])).toMatch(/^\d{4}-\d\d-\d\dT/);
});

test('secrets are blanked at the top and two levels down', () => {
  const { lines, log } = captured('info');
  log.info(
    { password: 'hunter2', auth: { pass: 'hunter2' }, settings: { server: { password: 'hunter2' } } },
    'x',
  );
  expect(JSON.stringify(lines)).not.toContain('hunter2');
});

test('a level below the chosen one is not written', () => {
  const { lines, log } = captured('warn');
  log.info({}, 'quiet');
  log.error({}, 'loud');
  expect(lines.map((line) => line['msg'])).toEqual(['loud']);
});
