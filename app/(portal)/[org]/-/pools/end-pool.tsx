'use client';

import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { paths } from '#lib/paths.ts';
import { Button } from '#app/_ui/button.tsx';
import { Card } from '#app/_ui/card.tsx';
import { ConfirmDialog } from '#app/_ui/dialog.tsx';
import { formatCount } from '#app/_ui/format-number.ts';
import { showToast } from '#app/_ui/toast.tsx';
import { archivePoolAction } from './actions.ts';

interface EndPoolProps {
  readonly organization: string;
  readonly pool: { readonly id: string; readonly name: string; readonly projects: number };
}

/** The end of a pool, asked once more. */
export function EndPool({ organization, pool }: EndPoolProps) {
  const router = useRouter();
  const [isAsking, setIsAsking] = useState(false);
  async function end(): Promise<boolean> {
    const result = await archivePoolAction(organization, { pool: pool.id }).catch(() => null);
    if (result?.ok !== true) {
      showToast({
        title: result?.error.message ?? 'The portal does not answer. Nothing was done.',
        glyph: 'failed',
        tone: 'red',
      });
      return false;
    }
    showToast({ title: `${pool.name} has ended` });
    router.push(paths.pools(organization));
    return true;
  }
  const what =
    pool.projects === 0
      ? 'No project draws from it.'
      : `${formatCount(pool.projects, 'project')} will send as fast as the server takes mail.`;
  return (
    <div className="form">
      <Card title="End this pool" danger padded>
        <div className="flex items-center justify-between gap-4">
          <p className="text-text-2">{what} The history keeps what it granted.</p>
          <Button big variant="danger" onClick={() => setIsAsking(true)}>
            End the pool
          </Button>
        </div>
      </Card>
      <ConfirmDialog
        open={isAsking}
        onOpenChange={setIsAsking}
        title={`End ${pool.name}?`}
        description={`${what} Mail that its quota holds stays in the backlog until auto resume or a person lets it go.`}
        confirmLabel="End the pool"
        pendingLabel="Ending…"
        variant="danger"
        onConfirm={end}
      />
    </div>
  );
}
