import { describe, expect, it } from 'vitest';
import { statedEnvironment } from '../../src/rehearsal/environments/stated.ts';

describe('what is pinned beside an artefact', () => {
  it('is read from requirements, conda and MLflow', () => {
    const stated = statedEnvironment([
      {
        name: 'requirements.txt',
        text: '# made by hand\nnumpy==1.22.4\ntensorflow-cpu==2.9.1 ; python_version < "3.11"\n',
      },
      { name: 'MLmodel', text: 'flavors:\n  python_function:\n    python_version: 3.8.10\n' },
      { name: 'conda.yaml', text: 'dependencies:\n- python=3.9.1\n- pip:\n  - h5py==3.1.0\n' },
    ]);
    expect(stated?.environment).toMatchObject({
      line: 'tf.keras',
      tensorflow: '2.9.1',
      numpy: '1.22.4',
      python: '3.8.10',
      h5py: '3.1.0',
    });
    expect(stated?.evidence).toContain('tensorflow 2.9.1 is pinned by requirements.txt beside it');
  });

  it('is nothing where only ranges or other packages stand', () => {
    expect(statedEnvironment([{ name: 'requirements.txt', text: 'tensorflow>=2.9\nkeras-tuner==1.4.7\n' }])).toBeNull();
    expect(statedEnvironment([])).toBeNull();
  });
});
