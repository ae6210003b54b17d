'use client';

import { ArrowDown, ArrowUp } from 'lucide-react';
import type { ReactNode } from 'react';
import { cx } from '../_ui/cx.ts';
import { formatNumber } from '../_ui/format-number.ts';
import { Icon } from '../_ui/icon.tsx';
import { tableRoles, type ColumnLook } from './data-table-model.ts';

/** A column's head; a sortable one is a button that turns the order round. */
export function HeadCell({
  id,
  look,
  sort,
  onSort,
  children,
}: {
  id: string;
  look: ColumnLook;
  /** The list's order: a column id, with a minus when descending. */
  sort: string | undefined;
  onSort: (sort: string) => void;
  children: ReactNode;
}) {
  const direction = sort === id ? 'ascending' : sort === `-${id}` ? 'descending' : undefined;
  return (
    <th
      scope="col"
      {...tableRoles.head}
      style={{ width: look.width ?? 'auto' }}
      className={cx(look.align === 'end' && 'num', look.align === 'center' && 'ctr')}
      data-drop={look.drop}
      {...(look.sortable ? { 'aria-sort': direction ?? 'none' } : {})}
    >
      {look.sortable ? (
        <button
          type="button"
          className="sort"
          onClick={() => onSort(direction === 'descending' ? id : `-${id}`)}
        >
          {children}
          {direction && <Icon icon={direction === 'descending' ? ArrowDown : ArrowUp} size={12} />}
        </button>
      ) : (
        children
      )}
    </th>
  );
}

/** One cell, carrying its place for the stacked form. */
export function BodyCell({ look, children }: { look: ColumnLook; children: ReactNode }) {
  return (
    <td
      {...tableRoles.cell}
      className={cx(look.align === 'end' && 'num', look.align === 'center' && 'ctr', look.className)}
      data-drop={look.drop}
      data-slot={look.slot}
      data-label={look.label}
    >
      {children}
    </td>
  );
}

/** After "select page": offers everything that the filter matches; then says so, and offers the page alone. */
export function PickAllRow({
  ticked,
  total,
  isCapped,
  chosen,
  onAll,
  onPage,
}: {
  ticked: number;
  total: number;
  /** More than `total` match. */
  isCapped: boolean;
  /** How many of `total` are chosen; null while only rows of the page are. */
  chosen: number | null;
  onAll: () => void;
  onPage: () => void;
}) {
  const all = `${formatNumber(total)}${isCapped ? '+' : ''}`;
  return (
    <output className="pick">
      {chosen === null ? (
        <>
          {formatNumber(ticked)} on this page are selected.
          <button type="button" className="link" onClick={onAll}>
            Select all {all} that match
          </button>
        </>
      ) : (
        <>
          <span className="font-medium">
            {chosen === total ? 'All' : `${formatNumber(chosen)} of the`} {all} that match are selected.
          </span>
          <button type="button" className="link" onClick={onPage}>
            Only this page
          </button>
        </>
      )}
    </output>
  );
}
