/** What is wrong with the members of an archive as listed: names that leave it, names used twice, encryption. */

import type { Finding } from '../../findings/finding.ts';
import type { ZipMember } from './types.ts';

export function checkNames(members: readonly ZipMember[]): Finding[] {
  const findings: Finding[] = [];
  const seen = new Set<string>();
  for (const member of members) {
    const at = { path: member.name, offset: member.headerOffset };
    if (leaves(member.name)) {
      const what = `the member "${member.name}" names a place outside the archive`;
      findings.push({ code: 'zip-traversal', severity: 'warning', what, at });
    }
    if (seen.has(member.name)) {
      const what = `the member "${member.name}" is there more than once; the last one is read`;
      findings.push({ code: 'zip-duplicate', severity: 'warning', what, at });
    }
    if (member.encrypted) {
      findings.push({ code: 'zip-encrypted', severity: 'error', what: `the member "${member.name}" is encrypted`, at });
    }
    seen.add(member.name);
  }
  return findings;
}

function leaves(name: string): boolean {
  const absolute = name.startsWith('/') || name.startsWith('\\') || /^[A-Za-z]:/.test(name);
  return absolute || name.split(/[/\\]/).includes('..');
}
