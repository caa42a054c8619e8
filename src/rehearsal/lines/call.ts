/** Calling `load_model` itself: keywords that its signature does not have. */

import { inVersions } from '../../eras/versions.ts';
import { bind } from '../python/call.ts';
import { type Run, since } from '../run.ts';

/** Parameters of `load_model`, release by release. */
function parameters(run: Run): readonly string[] {
  const { line } = run.environment;
  if (line === 'keras1' || (line === 'keras2' && !since(run, '2.0.5'))) return ['filepath', 'custom_objects'];
  if (line === 'keras2') return ['filepath', 'custom_objects', 'compile'];
  if (line === 'keras3' || since(run, '2.12')) return ['filepath', 'custom_objects', 'compile', 'safe_mode'];
  return since(run, '2.3')
    ? ['filepath', 'custom_objects', 'compile', 'options']
    : ['filepath', 'custom_objects', 'compile'];
}

/** Modes that name a keyword which the release does not take cannot even begin. */
export function checkCall(run: Run): void {
  const passed: readonly string[] = run.mode === 'unsafe' ? ['safe_mode'] : run.mode === 'nocompile' ? ['compile'] : [];
  if (passed.length === 0) return;
  const known = parameters(run);
  bind(
    { parameters: known.map(name => ({ name, required: false })), keywords: false },
    passed,
    'load_model()',
    keyword => ({
      failure: 'keras-api-moved',
      evidence: {
        text: `load_model of ${run.environment.line} ${run.version} takes no ${keyword}`,
        where: null,
        offset: null,
      },
      suppose: `call:${keyword}`,
    }),
  );
  void inVersions;
}
