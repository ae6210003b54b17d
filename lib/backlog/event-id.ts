/**
 * A UUID of version 7 made by SQL, for rows that a statement adds by the thousand: the random one of version 4 with the
 * milliseconds in its first 48 bits and its version raised by two bits.
 */
export const newIdSql = `encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
  placing substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3) from 1 for 6), 52, 1), 53, 1),
  'hex')::uuid`;
