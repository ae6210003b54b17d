'use client';

import { Download } from 'lucide-react';
import type { ExportFormat } from '#lib/backlog/schemas.ts';
import { Button } from '#app/_ui/button.tsx';
import { Menu, type MenuEntry } from '#app/_ui/menu.tsx';

const formats = [
  { format: 'csv', label: 'Table of the mails (.csv)', hasContent: false },
  { format: 'mbox', label: 'Whole mails in one file (.mbox)', hasContent: true },
  { format: 'eml', label: 'Whole mails, one file each (.eml)', hasContent: true },
] as const satisfies readonly { format: ExportFormat; label: string; hasContent: boolean }[];

/** Downloads held mails in a form to be chosen; `href` is the file's address without its form. */
export function ExportMenu({
  href,
  readsContent,
  big,
  className,
}: {
  href: string;
  /** Whether the reader may have whole mails. */
  readsContent: boolean;
  big?: boolean | undefined;
  className?: string | undefined;
}) {
  const entries = formats
    .filter(({ hasContent }) => readsContent || !hasContent)
    .map(({ format, label }): MenuEntry => ({
      kind: 'action',
      label,
      onSelect: () => {
        const glue = href.includes('?') ? '&' : '?';
        // A download leaves the page where it is.
        location.assign(`${href}${glue}format=${format}`);
      },
    }));
  return (
    <Menu
      align="end"
      trigger={
        <Button icon={Download} big={big} className={className}>
          Export
        </Button>
      }
      entries={entries}
    />
  );
}
