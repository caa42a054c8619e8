/** Python that copies of a `.keras` archive only what Keras reads, whatever else its packer put in. */
export const keepKnownMembers = `import zipfile
old = zipfile.ZipFile('{artefact}')
wanted = [m for m in old.infolist() if m.filename in ('config.json', 'metadata.json', 'model.weights.h5')]
with zipfile.ZipFile('fixed.keras', 'w') as new:
    for member in wanted:
        new.writestr(member.filename, old.read(member))`;
