import { describe, expect, it } from 'vitest';
import { formatBytes, formatCount, formatDuration, formatNumber } from '#app/_ui/format-number.ts';
import { formatTime } from '#app/_ui/format-time.ts';

const now = new Date('2026-11-19T14:12:12Z');
const at = (iso: string, style: Parameters<typeof formatTime>[3], zone = 'UTC') =>
  formatTime(new Date(iso), now, zone, style);

describe('numbers as the portal shows them', () => {
  it('groups thousands and names the unit once', () => {
    expect(formatNumber(41_208)).toBe('41,208');
    expect(formatCount(1, 'mail')).toBe('1 mail');
    expect(formatCount(1_281, 'mail')).toBe('1,281 mails');
    expect(formatBytes(900)).toBe('900 B');
    expect(formatBytes(18 * 1024)).toBe('18 KB');
    expect(formatBytes(1_258_291)).toBe('1.2 MB');
  });

  it('never rounds up what took or takes time', () => {
    expect(formatDuration(999)).toBe('999 ms');
    expect(formatDuration(1_999)).toBe('1.9 s');
    expect(formatDuration(59_999)).toBe('59 s');
    expect(formatDuration(404_000)).toBe('6 min 44 s');
    expect(formatDuration(5 * 3_600_000)).toBe('5 h 00 min');
    expect(formatDuration(3 * 86_400_000)).toBe('3 days');
  });
});

describe('moments as the portal shows them', () => {
  it('says the past in its largest unit and the future exactly', () => {
    expect(at('2026-11-19T14:12:10Z', 'relative')).toBe('just now');
    expect(at('2026-11-19T13:00:00Z', 'relative')).toBe('1 h ago');
    expect(at('2026-11-16T10:31:08Z', 'relative')).toBe('3 days ago');
    expect(at('2026-11-19T14:18:56Z', 'relative')).toBe('in 6 min 44 s');
    expect(at('2026-11-26T14:12:11Z', 'relative')).toBe('in 7 days');
    expect(at('2026-11-26T12:30:00Z', 'relative')).toBe('in 6 days');
  });

  it('says what is left until an expiry, in days and hours where it is far', () => {
    expect(at('2026-11-19T19:00:12Z', 'left')).toBe('4 h 48 min');
    expect(at('2026-11-21T11:15:00Z', 'left')).toBe('1 d 21 h');
    expect(at('2026-11-21T14:12:12Z', 'left')).toBe('2 d');
    expect(at('2026-11-19T14:12:00Z', 'left')).toBe('now');
  });

  it('shows the clock today and the day otherwise, in the given zone', () => {
    expect(at('2026-11-19T14:11:52Z', 'clock')).toBe('14:11:52');
    expect(at('2026-11-21T14:04:00Z', 'clock')).toBe('21 Nov, 14:04');
    expect(at('2026-11-19T23:30:00Z', 'clock', 'Europe/Berlin')).toBe('20 Nov, 00:30');
    expect(at('2025-11-21T14:04:00Z', 'date')).toBe('21 Nov 2025');
    expect(at('2026-11-19T14:11:52Z', 'exact', 'Europe/Lisbon')).toMatch(/^2026-11-19 14:11:52 /);
  });
});
