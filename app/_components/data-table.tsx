'use client';

import { createColumnHelper, useTable } from '@tanstack/react-table';
import { usePathname, useRouter, useSearchParams } from 'next/navigation';
import { useMemo, useRef, useState, type ReactNode } from 'react';
import { cx } from '../_ui/cx.ts';
import { ActionBar } from './action-bar.tsx';
import { tableKit, tableRoles, type BulkSelection, type DataColumn } from './data-table-model.ts';
import { PickAllRow } from './data-table-parts.tsx';
import { TableBody, TableHead, type RowOpening } from './data-table-rows.tsx';
import { KeysetPager, type Pager } from './keyset-pager.tsx';
import { listParams, useListUrl } from './list-url.ts';
import { useRowKeys } from './use-row-keys.ts';

type DataTableProps<Row extends object> = {
  /** Read out as the table's name. */
  label: string;
  /** Keep at module scope or in a memo. */
  columns: ReadonlyArray<DataColumn<Row>>;
  rows: ReadonlyArray<Row>;
  rowId: (row: Row) => string;
  /** How a row is called in "Select …". */
  rowName?: ((row: Row) => string) | undefined;
  /** Where a row leads: an address, or a parameter of this one that takes the row's id (a side panel). */
  open?: { href: (row: Row) => string } | { param: string } | undefined;
  /** The row whose panel is open, when `open` is by address. */
  openId?: string | undefined;
  /** The order in force when the address names none. */
  defaultSort?: string | undefined;
  /** Buttons of the floating bar; without it rows have no tick. */
  bulk?: ((selection: BulkSelection) => ReactNode) | undefined;
  /** How many rows the filter matches in all; offers "Select all N". */
  totalMatching?: number | undefined;
  pager?: Pager | undefined;
  /** Shown instead of the table when there is no row. */
  empty?: ReactNode;
  /** Stacked form below 640 px: title, state / line, end; or with a second figure, or three rows. */
  stack?: 'two-lines' | 'three-rows' | undefined;
};

/** The one table: server-side order and pages in the address, ticks with shift-range, keys, stacked on a phone. */
export function DataTable<Row extends object>(props: DataTableProps<Row>) {
  const { rows, rowId, bulk, empty, pager } = props;
  const [allMatching, setAllMatching] = useState(false);
  const element = useRef<HTMLTableElement>(null);
  const url = useListUrl([listParams.sort]);
  const open = useOpen(props);
  const columns = useMemo(() => toTableColumns(props.columns), [props.columns]);
  const data = useMemo(() => [...rows], [rows]);
  const table = useTable({ features: tableKit, columns, data, getRowId: rowId });
  const ids = table.getSelectedRowIds().filter((id) => rows.some((row) => rowId(row) === id));
  const clear = () => {
    table.resetRowSelection(true);
    setAllMatching(false);
  };
  useRowKeys(element, {
    toggle: (id, isRange) => {
      const row = table.getRow(id);
      // As a press on the tick, so that a range may start or end at a key press too.
      if (bulk)
        row.getToggleSelectedHandler()({ target: { checked: !row.getIsSelected() }, shiftKey: isRange });
    },
    open: (id) => open.go(id),
    clear: () => {
      if (ids.length === 0) return false;
      clear();
      return true;
    },
  });
  if (rows.length === 0 && empty) return <>{empty}</>;
  const count = allMatching ? (props.totalMatching ?? ids.length) : ids.length;
  const offersAll = bulk && table.getIsAllPageRowsSelected() && (props.totalMatching ?? 0) > rows.length;
  return (
    <>
      {offersAll && (
        <PickAllRow
          ticked={ids.length}
          total={props.totalMatching ?? 0}
          allMatching={allMatching}
          onAll={() => setAllMatching(true)}
        />
      )}
      <div className="tbl" aria-busy={url.isPending}>
        <table ref={element} className={cx('dt', props.stack)} aria-label={props.label} {...tableRoles.table}>
          <TableHead
            table={table}
            withTicks={Boolean(bulk)}
            sort={url.values[listParams.sort] ?? props.defaultSort}
            onSort={(next) => url.set({ [listParams.sort]: next })}
            onTick={() => setAllMatching(false)}
          />
          <TableBody
            table={table}
            withTicks={Boolean(bulk)}
            rowName={props.rowName}
            open={open}
            onTick={() => setAllMatching(false)}
          />
        </table>
      </div>
      {pager && <KeysetPager pager={pager} withKeys={Boolean(bulk)} />}
      {bulk && ids.length > 0 && (
        <ActionBar count={count} onClear={clear}>
          {bulk({ ids, allMatching, count, clear })}
        </ActionBar>
      )}
    </>
  );
}

function toTableColumns<Row extends object>(columns: ReadonlyArray<DataColumn<Row>>) {
  const helper = createColumnHelper<typeof tableKit, Row>();
  return columns.map(({ id, header, cell, ...look }) =>
    helper.display({ id, header, cell: (context) => cell(context.row.original), meta: look }),
  );
}

function useOpen<Row extends object>({ open, openId, rows, rowId }: DataTableProps<Row>): RowOpening {
  const router = useRouter();
  const pathname = usePathname();
  const search = useSearchParams();
  if (!open) return { can: false, id: openId, hrefOf: () => undefined, go: () => undefined };
  const hrefOf = (id: string): string | undefined => {
    if ('param' in open) {
      const next = new URLSearchParams(search);
      next.set(open.param, id);
      return `${pathname}?${next}`;
    }
    const row = rows.find((each) => rowId(each) === id);
    return row && open.href(row);
  };
  return {
    can: true,
    id: 'param' in open ? (search.get(open.param) ?? undefined) : openId,
    hrefOf,
    go: (id) => {
      const href = hrefOf(id);
      if (href !== undefined) router.push(href, { scroll: false });
    },
  };
}
