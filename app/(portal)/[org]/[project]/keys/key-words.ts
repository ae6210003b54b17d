import type { KeyScope } from '#lib/access/roles.ts';
import type { SendingMode } from '#lib/settings/schemas.ts';

const scopes: Readonly<Record<KeyScope, string>> = {
  send: 'Send',
  read: 'Read',
  cancel: 'Cancel',
  resume: 'Resume',
};

/** "Send, read". */
export function scopeWords(given: readonly KeyScope[]): string {
  return given.map((scope, at) => (at === 0 ? scopes[scope] : scopes[scope].toLowerCase())).join(', ');
}

const modes: Readonly<Record<SendingMode['kind'], string>> = {
  live: 'Live',
  capture: 'Capture',
  redirect: 'Redirect',
  allow_list: 'Allow-list',
};

export function modeWord(kind: SendingMode['kind']): string {
  return modes[kind];
}
