// 48 bits of milliseconds, then the version (RFC 9562 5.7). In a query of its own, so that it is made once for all rows.
const prefix = `(select substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3)
  || set_byte('\\x00', 0, 112 + (random() * 15)::integer))`;

/**
 * A UUID of version 7 made by SQL, for rows that a statement adds by the thousand: the beginning is that of the
 * statement, the rest is random as in version 4.
 */
export const newIdSql = `encode(overlay(uuid_send(gen_random_uuid()) placing ${prefix} from 1), 'hex')::uuid`;
