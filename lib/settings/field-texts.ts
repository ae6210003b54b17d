import { sendingModeWords } from './labels.ts';
import type { SendingMode } from './schemas.ts';

/** How values of the settings read in the history and the save bar. Pure, in UTC. */

export function onOff(isOn: boolean): string {
  return isOn ? 'On' : 'Off';
}

export function listText(entries: readonly string[]): string {
  return entries.length === 0 ? 'None' : entries.join(', ');
}

export function secondsText(value: number): string {
  if (value % 3600 === 0) return `${value / 3600} h`;
  return value % 60 === 0 ? `${value / 60} min` : `${value} s`;
}

/** "2026-11-21 14:05 UTC". */
export function minuteText(instant: string): string {
  const date = new Date(instant);
  return `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

export function modeText(mode: SendingMode): string {
  switch (mode.kind) {
    case 'live':
    case 'capture':
      return sendingModeWords[mode.kind];
    case 'redirect':
      return `${sendingModeWords.redirect} to ${mode.to}`;
    case 'allow_list':
      return `${sendingModeWords.allow_list}: ${listText(mode.entries)}`;
    default:
      return mode satisfies never;
  }
}

/** The number of certificates and the end of the last one, enough to tell two apart. */
export function certificatesText(pem: string): string {
  const count = pem.split('-----BEGIN CERTIFICATE-----').length - 1;
  const tail = pem.replace(/-----[A-Z ]+-----|\s|=/g, '').slice(-12);
  return `${count} certificate${count === 1 ? '' : 's'}, …${tail}`;
}
