'use client';

import { createColumnHelper, useTable } from '@tanstack/react-table';
import { usePathname, useRouter, useSearchParams } from 'next/navigation';
import { useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
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
  /** Counting stopped at `totalMatching`: more match. */
  isTotalCapped?: boolean | undefined;
  pager?: Pager | undefined;
  /** Shown instead of the table when there is no row. */
  empty?: ReactNode;
  /** Stacked form below 640 px: title, state / line, end; or with a second figure, or three rows. */
  stack?: 'two-lines' | 'three-rows' | 'held' | 'limits' | undefined;
};

/** The one table: server-side order and pages in the address, ticks with shift-range, keys, stacked on a phone. */
export function DataTable<Row extends object>(props: DataTableProps<Row>) {
  const { rows, rowId, bulk, empty, pager } = props;
  const element = useRef<HTMLTableElement>(null);
  const url = useListUrl([listParams.sort]);
  const open = useOpen(props);
  const columns = useMemo(() => toTableColumns(props.columns), [props.columns]);
  const data = useMemo(() => [...rows], [rows]);
  const table = useTable({ features: tableKit, columns, data, getRowId: rowId });
  const ticked = () => table.getSelectedRowIds().filter((id) => rows.some((row) => rowId(row) === id));
  const ids = ticked();
  const all = useAllMatching(rows.map(rowId), (chosen) =>
    table.setRowSelection(Object.fromEntries(chosen.map((id) => [id, true]))),
  );
  const clear = () => {
    table.resetRowSelection(true);
    all.end();
  };
  const total = props.totalMatching ?? 0;
  useRowKeys(element, {
    toggle: (id, isRange) => {
      const row = table.getRow(id);
      // As a press on the tick, so that a range may start or end at a key press too.
      if (!bulk) return;
      row.getToggleSelectedHandler()({ target: { checked: !row.getIsSelected() }, shiftKey: isRange });
      all.follow(ticked());
    },
    open: (id) => open.go(id),
    clear: () => {
      if (ids.length === 0 && !all.isOn) return false;
      clear();
      return true;
    },
  });
  if (rows.length === 0 && empty) return <>{empty}</>;
  const count = all.isOn ? Math.max(0, total - all.except.length) : ids.length;
  const isCapped = props.isTotalCapped === true;
  const offersAll = bulk && (all.isOn || table.getIsAllPageRowsSelected()) && total > rows.length;
  return (
    <>
      {offersAll && (
        <PickAllRow
          ticked={ids.length}
          total={total}
          isCapped={isCapped}
          chosen={all.isOn ? count : null}
          onAll={all.begin}
          onPage={all.end}
        />
      )}
      <div className="tbl" aria-busy={url.isPending}>
        <table ref={element} className={cx('dt', props.stack)} aria-label={props.label} {...tableRoles.table}>
          <TableHead
            table={table}
            withTicks={Boolean(bulk)}
            sort={url.values[listParams.sort] ?? props.defaultSort}
            onSort={(next) => url.set({ [listParams.sort]: next })}
            onTick={all.end}
          />
          <TableBody
            table={table}
            withTicks={Boolean(bulk)}
            rowName={props.rowName}
            open={open}
            onTick={() => all.follow(ticked())}
          />
        </table>
      </div>
      {pager && <KeysetPager pager={pager} withKeys={Boolean(bulk)} />}
      {bulk && count > 0 && (ids.length > 0 || all.isOn) && (
        <ActionBar count={count} isCapped={all.isOn && isCapped} onClear={clear}>
          {bulk({
            ids,
            allMatching: all.isOn,
            except: all.except,
            count,
            isCapped: all.isOn && isCapped,
            clear,
          })}
        </ActionBar>
      )}
    </>
  );
}

/** Everything that the filter matches, page after page, but the rows that were unticked since. */
function useAllMatching(pageIds: ReadonlyArray<string>, tick: (ids: ReadonlyArray<string>) => void) {
  const [except, setExcept] = useState<ReadonlyArray<string> | null>(null);
  const page = pageIds.join(' ');
  useEffect(() => {
    // Another page, or other rows on it: they are chosen too.
    if (except !== null) tick(page.split(' ').filter((id) => !except.includes(id)));
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- the ticks follow the page, not each other
  }, [page]);
  return {
    isOn: except !== null,
    except: except ?? [],
    begin: () => setExcept([]),
    end: () => setExcept(null),
    /** Told which rows of the page are ticked now. */
    follow: (ticked: ReadonlyArray<string>) =>
      setExcept((known) =>
        known === null
          ? null
          : [...known.filter((id) => !pageIds.includes(id)), ...pageIds.filter((id) => !ticked.includes(id))],
      ),
  };
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
