import { ConfirmDialog } from '#app/_ui/dialog.tsx';
import { showToast } from '#app/_ui/toast.tsx';
import type { Revocation } from '#lib/oauth/disconnect.ts';
import { endConsent, endConsentLink } from './consent-actions.ts';
import type { SaveTarget } from './use-save.ts';

interface DialogProps {
  readonly target: SaveTarget;
  readonly open: boolean;
  readonly onClose: () => void;
  readonly onRefused: (message: string) => void;
}

type Provider = 'microsoft' | 'google' | 'other';

const providerWords: Readonly<Record<Provider, string>> = {
  microsoft:
    'Microsoft takes no token back from an app, so it goes on listing this one: the owner of the mailbox removes it at myapps.microsoft.com, or an administrator under Enterprise applications.',
  google:
    'Google is told too and ends all that the account gave to this app, unless another project here still sends by it.',
  other: 'The authorization server is told too, where it takes tokens back.',
};

/** What of it the person still has to know; null where nothing is left to do. */
const leftToDo: Readonly<Record<Revocation, string | null>> = {
  revoked: 'The provider has taken the token back too.',
  not_offered: 'The provider takes no tokens back. The account can withdraw the app there.',
  failed: 'The provider did not take the token back. The account can withdraw the app there.',
  shared: 'The provider was not told: another project sends by the same app and mailbox.',
  nothing: null,
};

/** Ends the consent here, and at the provider where it can be told. */
export function DisconnectDialog({
  target,
  provider,
  open,
  onClose,
  onRefused,
}: DialogProps & { readonly provider: Provider }) {
  return (
    <ConfirmDialog
      open={open}
      onOpenChange={(next) => !next && onClose()}
      title="Disconnect the mailbox?"
      description={`Its tokens are destroyed here at once. Mail of this project waits until somebody consents again; none is lost. ${providerWords[provider]}`}
      confirmLabel="Disconnect"
      pendingLabel="Disconnecting…"
      variant="danger"
      onConfirm={async () => {
        const result = await endConsent(target.organization, { project: target.project });
        if (result.ok) {
          const detail = ['Its mail waits.', leftToDo[result.data.revocation]].filter(
            (words) => words !== null,
          );
          showToast({ title: 'The mailbox is disconnected', detail: detail.join(' ') });
        } else onRefused(result.error.message);
        return result.ok;
      }}
    />
  );
}

/** Closes the link that is open, before anybody has used it. */
export function EndLinkDialog({ target, open, onClose, onRefused }: DialogProps) {
  return (
    <ConfirmDialog
      open={open}
      onOpenChange={(next) => !next && onClose()}
      title="End the open link?"
      description="Whoever opens it finds it closed, and a consent that was begun by it comes to nothing. You can make another at any time."
      confirmLabel="End the link"
      pendingLabel="Ending…"
      variant="danger"
      onConfirm={async () => {
        const result = await endConsentLink(target.organization, { project: target.project });
        if (result.ok) showToast({ title: 'The link is closed' });
        else onRefused(result.error.message);
        return result.ok;
      }}
    />
  );
}
