import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'truncated-or-corrupt',
  group: 'bytes',
  title: 'The file is cut off or damaged',
  why: 'The save or the download was interrupted, or bytes were changed on the way (text-mode transfer, bad disk).',
  signs: [
    { text: /could not convert string to float: (?:np\.bytes_\()?b'/m, confidence: 0.85 },
    { text: /local variable 'obj_type'/m, confidence: 0.5 },
    {
      text: /Based on the provided shape, \[[\d,]*\], the tensor should have \d+ values but has \d+/m,
      confidence: 0.88,
    },
    { text: /TensorBundle at [^\n]*Checksum does not match/m, confidence: 0.95 },
    { text: /unknown symbol table entry cache type/m, confidence: 0.93 },
    { text: /list index \(0\) out of range/m, confidence: 0.85 },
    { text: /Read less bytes than requested/m, confidence: 0.93 },
    {
      text: /bad global heap|ran off end of input buffer|dataspace dim \d+ size|unable to get dataspace size/m,
      confidence: 0.92,
    },
    { text: /UnicodeDecodeError: 'utf-8' codec can't decode byte/m, confidence: 0.5 },
    { text: /there are 0 MetaGraphs in the SavedModel/m, confidence: 0.85 },
    { text: /Cannot parse file[^\n]*saved_model\.pb[^\n]*Error parsing message/m, confidence: 0.85 },
    { text: /instance of `KerasSaveable`, but got \{/m, confidence: 0.6 },
    { text: /ensure the file is an accessible `\.keras` zip file/m, confidence: 0.35 },
    { text: /Unable to open object \(object '[^']+' doesn't exist\)/m, confidence: 0.15 },
    { text: /[Tt]runcated file: eof = (?<found>\d+)[^\n]*stored_eo[af] = (?<whole>\d+)/m, confidence: 0.98 },
    { text: /[Ff]ile signature not found|valid file signature/m, confidence: 0.4 },
    {
      text: /bad object header|Unable to (?:synchronously )?(?:read|open) (?:data|attribute|dataset)|wrong fractal heap|bad symbol table|incorrect metadata checksum|bad (?:local )?heap|inflate\(\) failed|bad B-tree|addr overflow|unable to (?:load|protect)/m,
      confidence: 0.85,
    },
    { text: /OSError: Unable to open file\s*$/m, confidence: 0.75 },
    { text: /corrupted/m, confidence: 0.8 },
    { text: /after an interruption/m, confidence: 0.8 },
    {
      text: /Bad CRC-32|Bad magic number for (?:central directory|file header)|Error -3 while decompressing|Truncated file header/m,
      confidence: 0.9,
    },
    {
      text: /checksum does not match|Data loss: (?:block checksum|file is too short)|DataLossError[^\n]*(?:Checksum|short)/m,
      confidence: 0.9,
      unless: /not an sstable/m,
    },
    { text: /JSONDecodeError/m, confidence: 0.5 },
    { text: /Unterminated string starting at/m, confidence: 0.8 },
    { text: /codec can't decode byte[^\n]*model_config/m, confidence: 0.5 },
    { text: /not an sstable/m, confidence: 0.1 },
    { text: /unable to unlock|read error|Input\/output error/m, confidence: 0.3 },
  ],
  mends: [
    { title: 'Recover everything that survived', command: 'loadstone convert {artefact} rescued.npz' },
    { title: 'Download or copy it again, and compare sizes or checksums' },
  ],
  sources: ['libhdf5 H5Fsuper.c: truncated file', 'zip appnote: CRC-32'],
});
