/** YAML as PyYAML wrote it for Keras: tuples, shared anchors, wrapped lists, NumPy numbers; nothing is called. */

import { describe, expect, it } from 'vitest';
import { parseYaml } from '../../../src/containers/yaml/index.ts';
import { pythonValues } from '../../../src/eras/python-values.ts';

describe('parseYaml', () => {
  it('takes tuples and old strings for what they hold', () => {
    const text = 'shape: !!python/tuple\n- null\n- 28\nname: !!python/unicode "dense"\n';
    expect(parseYaml(text)).toEqual({ shape: [null, 28], name: 'dense' });
  });

  it('follows anchors', () => {
    expect(parseYaml('a: &x [1, 2]\nb: *x\n')).toEqual({ a: [1, 2], b: [1, 2] });
  });

  it('reads wrapped lists and NumPy numbers by a table of names', () => {
    const text = [
      'axis: !!python/object/apply:tensorflow.python.training.tracking.data_structures.ListWrapper',
      '- - 3',
      'units: !!python/object/apply:numpy.core.multiarray.scalar',
      '- !!python/object/apply:numpy.dtype',
      '  args: [i8, 0, 1]',
      '  state: !!python/tuple [3, <, null, null, null, -1, -1, 0]',
      '- !!binary |',
      '  QAIAAAAAAAA=',
    ].join('\n');
    expect(parseYaml(text, { constructors: pythonValues })).toEqual({ axis: [3], units: 576 });
  });

  it('refuses every other call, and says which', () => {
    const text = 'a: !!python/object/apply:os.system ["echo no"]';
    expect(() => parseYaml(text, { constructors: pythonValues })).toThrow(/os\.system/);
  });

  it('does not let anchors expand beyond measure', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let level = 1; level < 9; level += 1) {
      lines.push(`a${level}: &a${level} [${new Array(10).fill(`*a${level - 1}`).join(', ')}]`);
    }
    expect(() => parseYaml(lines.join('\n'))).toThrow(/anchors/);
  });

  it('names the place of what is no YAML', () => {
    expect(() => parseYaml('a: [1, 2\nb: }')).toThrow(/not YAML that can be read/);
  });
});
