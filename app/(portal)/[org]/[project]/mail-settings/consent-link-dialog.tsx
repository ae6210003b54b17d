'use client';

import { useState, useTransition } from 'react';
import { Button } from '#app/_ui/button.tsx';
import { CopyButton } from '#app/_ui/copy-button.tsx';
import { Dialog } from '#app/_ui/dialog.tsx';
import { FieldError } from '#app/_ui/field.tsx';
import { TextInput } from '#app/_ui/inputs.tsx';
import { RelativeTime } from '#app/_ui/time.tsx';
import { makeConsentLink } from './consent-actions.ts';
import type { SaveTarget } from './use-save.ts';

interface MadeLink {
  readonly url: string;
  readonly expiresAt: Date;
}

/** Makes the link for the owner of the mailbox, or an administrator, and shows it this once (PRODUCT 2.20). */
export function ConsentLinkDialog({
  target,
  account,
  open,
  onClose,
}: {
  target: SaveTarget;
  account: string;
  open: boolean;
  onClose: () => void;
}) {
  const [made, setMade] = useState<MadeLink | null>(null);
  const [error, setError] = useState<string>();
  const [isMaking, startTransition] = useTransition();
  function make() {
    startTransition(async () => {
      const result = await makeConsentLink(target.organization, { project: target.project });
      if (result.ok) setMade(result.data);
      else setError(result.error.message);
    });
  }
  function close() {
    setMade(null);
    setError(undefined);
    onClose();
  }
  return (
    <Dialog
      open={open}
      onOpenChange={(next) => !next && close()}
      title={made === null ? 'Make a consent link?' : 'Consent link'}
      description={
        made === null
          ? `Whoever has the link can consent as ${account}, or as its administrator, without an account here. It works once and for 7 days; an earlier link ends.`
          : 'It is shown this once. Send it to the owner of the mailbox.'
      }
      footer={
        made === null ? (
          <>
            <Button big variant="quiet" onClick={close}>
              Cancel
            </Button>
            <Button big variant="primary" pending={isMaking && 'Making…'} onClick={make}>
              Make link
            </Button>
          </>
        ) : (
          <Button big variant="primary" onClick={close}>
            Done
          </Button>
        )
      }
    >
      {made !== null && (
        <>
          <span className="row">
            <TextInput mono readOnly aria-label="Consent link" value={made.url} />
            <CopyButton text={made.url} label="Copy link" />
          </span>
          <p className="help">
            Ends <RelativeTime iso={new Date(made.expiresAt).toISOString()} style="clock" />.
          </p>
        </>
      )}
      {error && <FieldError>{error}</FieldError>}
    </Dialog>
  );
}
