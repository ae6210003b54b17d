'use client';

import { ArrowRight, Undo2 } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useOptimistic, useState, useTransition } from 'react';
import { Note } from '#app/_ui/banner.tsx';
import { Button } from '#app/_ui/button.tsx';
import { CopyButton } from '#app/_ui/copy-button.tsx';
import { formatCount } from '#app/_ui/format-number.ts';
import { Icon } from '#app/_ui/icon.tsx';
import { Select } from '#app/_ui/inputs.tsx';
import { SidePanel } from '#app/_ui/side-panel.tsx';
import type { ComparedVersions } from '#lib/settings/compare-settings-versions.ts';
import type { SaveTarget } from '../use-save.ts';
import { CompareTable } from './compare-table.tsx';
import { useCompareHref } from './history-table.tsx';
import { RestoreDialog } from './restore-dialog.tsx';

export interface ComparePanelProps {
  readonly target: SaveTarget;
  readonly compared: ComparedVersions;
  /** Number of the newest version, current or not. */
  readonly newest: number;
  /** Null: not set up. */
  readonly currentVersion: number | null;
  readonly mayRestore: boolean;
  readonly showsAll: boolean;
  readonly historyHref: string;
}

/** Two versions side by side, at an address of their own (PRODUCT 7.1). */
export function ComparePanel(props: ComparePanelProps) {
  const { target, compared, newest, currentVersion, mayRestore } = props;
  const { from, to, fields } = compared;
  const hrefOf = useCompareHref();
  const router = useRouter();
  const [isPending, startTransition] = useTransition();
  const [isRestoring, setRestoring] = useState(false);
  const [showsAll, setShowsAll] = useOptimistic(props.showsAll);
  const go = (picked: { from: number; to: number; all?: boolean }) =>
    startTransition(() => {
      if (picked.all !== undefined) setShowsAll(picked.all);
      router.push(hrefOf(picked), { scroll: false });
    });
  const differing = fields.filter(({ isDifferent }) => isDifferent).length;
  const canRestore = mayRestore && !from.isCurrent;
  return (
    <SidePanel
      label="Compare two versions"
      closeHref={hrefOf({ from: null, to: null })}
      header={
        <>
          <h2>Compare</h2>
          <VersionSelect
            label="From version"
            value={from.version}
            newest={newest}
            onPick={(version) => go({ from: version, to: to.version })}
          />
          <Icon icon={ArrowRight} size={14} className="text-text-3" />
          <VersionSelect
            label="To version"
            value={to.version}
            newest={newest}
            onPick={(version) => go({ from: from.version, to: version })}
          />
        </>
      }
      footer={
        <>
          {canRestore && (
            <Button
              big
              icon={Undo2}
              why={from.isEmpty && `Version ${from.version} is empty: it cleared the settings.`}
              onClick={() => setRestoring(true)}
            >
              Restore version {from.version}…
            </Button>
          )}
          <CopyLink {...props} />
        </>
      }
    >
      <section className="row justify-between py-2.5!" aria-busy={isPending}>
        <span>
          {formatCount(differing, 'field differs', 'fields differ')}, {fields.length - differing} are the same
        </span>
        <label className="row text-xs text-text-2">
          Only differences
          <input
            type="checkbox"
            className="sw"
            checked={!showsAll}
            onChange={(event) => go({ from: from.version, to: to.version, all: !event.target.checked })}
          />
        </label>
      </section>
      <CompareTable compared={compared} showsAll={showsAll} />
      {canRestore && !from.isEmpty && (
        <section className="border-b-0!">
          <Note tone="plain" glyph="ok">
            {restoreWords(compared, newest)}
          </Note>
        </section>
      )}
      {isRestoring && (
        <RestoreDialog
          target={target}
          compared={compared}
          currentVersion={currentVersion}
          onClose={() => setRestoring(false)}
          onRestored={(version) => go({ from: version > 1 ? version - 1 : 1, to: version })}
        />
      )}
    </SidePanel>
  );
}

function restoreWords({ from, fields, restoreAsksFor }: ComparedVersions, newest: number): string {
  const saved = `Restoring version ${from.version} saves its values as version ${newest + 1}.`;
  const asks = restoreAsksFor ?? [];
  const hasSecrets = fields.some((field) => field.kind === 'secret' && field.from !== null);
  if (!hasSecrets) return `${saved} It holds no password.`;
  if (asks.length === 0) return `${saved} Secrets are never restored: those of today stay.`;
  return `${saved} Secrets are never restored: the one of today was not saved for that place, so it is asked for again.`;
}

function VersionSelect({
  label,
  value,
  newest,
  onPick,
}: {
  label: string;
  value: number;
  newest: number;
  onPick: (version: number) => void;
}) {
  return (
    <Select
      small
      className="w-28"
      aria-label={label}
      value={String(value)}
      onChange={(event) => onPick(Number(event.target.value))}
    >
      {Array.from({ length: newest }, (_, at) => newest - at).map((version) => (
        <option key={version} value={version}>
          Version {version}
        </option>
      ))}
    </Select>
  );
}

/** The address of exactly this comparison, without the filters of the list. */
function CopyLink({ compared, historyHref, showsAll }: ComparePanelProps) {
  const { from, to } = compared;
  const query = `from=${from.version}&to=${to.version}${showsAll ? '&all=1' : ''}`;
  const origin = typeof location === 'undefined' ? '' : location.origin;
  return (
    <CopyButton label="Copy link" text={`${origin}${historyHref}?${query}`}>
      Copy link
    </CopyButton>
  );
}
