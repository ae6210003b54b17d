'use client';

import { History } from 'lucide-react';
import { PageHead } from '#app/_components/page-head.tsx';
import { LinkButton } from '#app/_ui/button.tsx';
import { TextLink } from '#app/_ui/text-link.tsx';
import { RelativeTime } from '#app/_ui/time.tsx';

export interface SettingsHeadProps {
  readonly historyHref: string;
  readonly version: number | null;
  /** The last change; null before the first version. */
  readonly lastChange: { readonly at: string; readonly by: string; readonly words: string } | null;
}

/** Title, who changed the settings last, and View history at the top right (PRODUCT 7.1). */
export function SettingsHead({ historyHref, version, lastChange }: SettingsHeadProps) {
  return (
    <PageHead
      title="Mail settings"
      actions={
        <LinkButton big icon={History} href={historyHref}>
          View history
        </LinkButton>
      }
    >
      {version === null
        ? 'Not set up: mail of this project is accepted and stays queued. '
        : `Version ${version}. `}
      {lastChange && (
        <>
          Last changed <RelativeTime iso={lastChange.at} /> by {lastChange.by}:{' '}
          <TextLink href={historyHref}>{lastChange.words}</TextLink>.
        </>
      )}
    </PageHead>
  );
}
