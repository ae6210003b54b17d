'use client';

import { Download } from 'lucide-react';
import type { ExportFormat } from '#lib/backlog/schemas.ts';
import { Button } from '#app/_ui/button.tsx';
import { Menu, type MenuEntry } from '#app/_ui/menu.tsx';
import { mostFileIds } from './held-file-limit.ts';

const formats = [
  { format: 'csv', label: 'Table of the mails (.csv)', hasContent: false },
  { format: 'mbox', label: 'Whole mails in one file (.mbox)', hasContent: true },
  { format: 'eml', label: 'Whole mails, one file each (.eml)', hasContent: true },
] as const satisfies readonly { format: ExportFormat; label: string; hasContent: boolean }[];

const tooMany = `More than ${mostFileIds} mails are named one by one. Narrow the filter instead.`;

/** Downloads held mails in a form to be chosen; `href` is the file's address without its form, null where it has none. */
export function ExportMenu({
  href,
  readsContent,
  big,
  className,
}: {
  href: string | null;
  /** Whether the reader may have whole mails. */
  readsContent: boolean;
  big?: boolean | undefined;
  className?: string | undefined;
}) {
  const look = { icon: Download, big, className };
  if (href === null) {
    return (
      <Button {...look} why={tooMany}>
        Export
      </Button>
    );
  }
  const entries = formats
    .filter(({ hasContent }) => readsContent || !hasContent)
    .map(({ format, label }): MenuEntry => ({
      kind: 'action',
      label,
      onSelect: () => {
        // A download leaves the page where it is.
        location.assign(`${href}${href.includes('?') ? '&' : '?'}format=${format}`);
      },
    }));
  return <Menu align="end" trigger={<Button {...look}>Export</Button>} entries={entries} />;
}
