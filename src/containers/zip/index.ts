/** Zip archives by ranges: members used in place where they are stored, read by their headers where the directory is gone. */

export { crc32 } from './crc32.ts';
export { checkMember, findMember, inflateRaw, memberRange, openMember, readMember } from './member.ts';
export { isZip, openZip } from './open.ts';
export * from './types.ts';
export { walkLocalHeaders, type ZipWalk } from './walk.ts';
