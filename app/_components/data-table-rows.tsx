'use client';

import type { ReactTable } from '@tanstack/react-table';
import Link from 'next/link';
import type { MouseEvent, ReactNode } from 'react';
import { cx } from '../_ui/cx.ts';
import { tableRoles, type tableKit } from './data-table-model.ts';
import { BodyCell, HeadCell } from './data-table-parts.tsx';

/** Whether and how rows open, and which one is. */
export type RowOpening = {
  can: boolean;
  id: string | undefined;
  hrefOf: (rowId: string) => string | undefined;
  go: (rowId: string) => void;
};

type TablePart<Row extends object> = {
  table: ReactTable<typeof tableKit, Row>;
  withTicks: boolean;
  /** Told after a tick has changed. */
  onTick: () => void;
};

export function TableHead<Row extends object>({
  table,
  withTicks,
  onTick,
  sort,
  onSort,
}: TablePart<Row> & { sort: string | undefined; onSort: (sort: string) => void }) {
  const isAll = table.getIsAllPageRowsSelected();
  // The table calls all rows "some" too.
  const isSome = !isAll && table.getIsSomePageRowsSelected();
  return (
    <thead {...tableRoles.group}>
      {table.getHeaderGroups().map((group) => (
        <tr key={group.id} {...tableRoles.row}>
          {withTicks && (
            <th scope="col" {...tableRoles.head} style={{ width: 46 }}>
              <input
                type="checkbox"
                className={cx('check', isSome && 'some')}
                aria-label="Select page"
                checked={isAll}
                ref={(box) => {
                  if (box) box.indeterminate = isSome;
                }}
                onChange={(event) => {
                  table.toggleAllPageRowsSelected(event.target.checked);
                  onTick();
                }}
              />
            </th>
          )}
          {group.headers.map((header) => {
            const look = header.column.columnDef.meta ?? {};
            return (
              <HeadCell key={header.id} id={header.column.id} look={look} sort={sort} onSort={onSort}>
                <span className={cx(look.hideHeader && 'sr-only')}>
                  <table.FlexRender header={header} />
                </span>
              </HeadCell>
            );
          })}
        </tr>
      ))}
    </thead>
  );
}

export function TableBody<Row extends object>({
  table,
  withTicks,
  onTick,
  rowName,
  open,
}: TablePart<Row> & { rowName: ((row: Row) => string) | undefined; open: RowOpening }) {
  return (
    <tbody {...tableRoles.group}>
      {table.getRowModel().rows.map((row) => (
        <tr
          key={row.id}
          {...tableRoles.row}
          data-row={row.id}
          className={cx(row.id === open.id && 'open', open.can && 'can-open')}
          {...(open.can || withTicks ? { tabIndex: 0 } : {})}
          {...(row.id === open.id ? { 'aria-current': 'true' as const } : {})}
          {...(withTicks && row.getIsSelected() ? { 'data-selected': '' } : {})}
          onClick={(event) => {
            if (open.can && !isOnControl(event)) open.go(row.id);
          }}
        >
          {withTicks && (
            <BodyCell look={{ className: 'tick' }}>
              <input
                type="checkbox"
                className="check"
                tabIndex={-1}
                aria-label={`Select ${rowName?.(row.original) ?? row.id}`}
                checked={row.getIsSelected()}
                onChange={(event) => {
                  row.getToggleSelectedHandler()(event);
                  onTick();
                }}
              />
            </BodyCell>
          )}
          {row.getAllCells().map((cell) => (
            <BodyCell key={cell.id} look={cell.column.columnDef.meta ?? {}}>
              <TitleLink
                href={cell.column.columnDef.meta?.slot === 'title' ? open.hrefOf(row.id) : undefined}
              >
                <table.FlexRender cell={cell} />
              </TitleLink>
            </BodyCell>
          ))}
        </tr>
      ))}
    </tbody>
  );
}

/** The title of a row is a link for readers and for a new tab; the row itself stays the one focus stop. */
function TitleLink({ href, children }: { href: string | undefined; children: ReactNode }) {
  if (href === undefined) return children;
  return (
    <Link href={href} scroll={false} tabIndex={-1} prefetch={false}>
      {children}
    </Link>
  );
}

/** A press on a link, button or tick inside the row is that control's, and a text selection is no press. */
function isOnControl(event: MouseEvent): boolean {
  if (event.target instanceof Element && event.target.closest('a, button, input, label')) return true;
  return event.defaultPrevented || (getSelection()?.toString() ?? '') !== '';
}
