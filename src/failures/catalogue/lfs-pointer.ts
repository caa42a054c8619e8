import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'lfs-pointer',
  group: 'bytes',
  title: 'This is a pointer of Git LFS, not the file',
  why: 'The repository keeps large files elsewhere; what was cloned is a text of about 130 bytes. GitHub zip downloads and quota limits give the same.',
  signs: [
    { text: /invalid load key, 'v'/m, confidence: 0.9 },
    { text: /not an sstable/m, confidence: 0.3 },
    { text: /[Ff]ile signature not found|valid file signature/m, confidence: 0.5 },
    { text: /git-lfs|LFS/m, confidence: 0.9 },
    { text: /version https:\/\/git-lfs/m, confidence: 0.99 },
  ],
  mends: [{ title: 'Fetch the content', command: 'git lfs install && git lfs pull' }],
  sources: ['git-lfs specification: pointer files'],
});
