import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'zip-duplicate-entries',
  group: 'bytes',
  title: 'The archive holds two members of one name',
  why: "A zip archive may list a name twice. Python's zipfile takes the last one, other programs the first: what was checked is not what is loaded. Keras writes every member once, so something was appended to the archive.",
  signs: [{ text: /instance of `KerasSaveable`, but got \{/m, confidence: 0.3 }],
  mends: [
    {
      title: 'Keep the first of each name, as it was before something was appended',
      python: `import zipfile
old = zipfile.ZipFile('{artefact}')
seen = set()
with zipfile.ZipFile('fixed.keras', 'w') as new:
    for member in old.infolist():
        if member.filename not in seen:
            seen.add(member.filename)
            new.writestr(member.filename, old.read(member))`,
    },
    { title: 'See what the archive holds', command: 'loadstone inspect {artefact}' },
  ],
  sources: [
    'CPython Lib/zipfile: ZipFile.NameToInfo keeps the last entry of a name',
    'keras/src/saving/saving_lib.py: _load_model_from_fileobj',
  ],
});
