import { originWords } from '#lib/settings/labels.ts';
import type { SettingsVersion } from '#lib/settings/present-version.ts';

const namedAtMost = 4;

/** What a version changed, in a line: "Port, TLS policy, Password", or how it came about. */
export function changeWords(version: SettingsVersion): string {
  switch (version.origin) {
    case 'copied':
      return version.copiedFrom === null ? originWords.copied : `Copied from ${version.copiedFrom}`;
    case 'restored':
      return version.restoredVersion === null
        ? originWords.restored
        : `Restored version ${version.restoredVersion}`;
    case 'cleared':
      return originWords.cleared;
    case 'switched_off':
      return 'Email debug off';
    case 'saved':
      return fieldWords(version);
    default:
      return version.origin satisfies never;
  }
}

function fieldWords({ version, changes }: SettingsVersion): string {
  // Everything is new in a first version; its list would name every field there is.
  if (version === 1) return 'Set up';
  const labels = [...new Set(changes.map((change) => change.label))];
  const named = labels.slice(0, namedAtMost).join(', ');
  const others = labels.length - namedAtMost;
  return others > 0 ? `${named} and ${others} more` : named;
}
