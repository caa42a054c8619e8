/** Environments written so that people can make them: pip, uv, conda, Docker. */

import type { Environment } from '../rehearsal/environments/index.ts';
import type { Suitable } from '../rehearsal/suitable.ts';
import { describeEnvironment } from './doctor.ts';

export type EnvironmentStyle = 'pip' | 'uv' | 'conda' | 'docker';

/** Requirement lines. tf.keras comes with TensorFlow; protobuf is held back where old TensorFlow needs it. */
export function pins({ line, keras, tensorflow, h5py, numpy, backend }: Environment): readonly string[] {
  const packages = [
    ...(line === 'tf.keras' ? [] : [line === 'tf_keras' ? `tf-keras==${keras}` : `keras==${keras}`]),
    ...(tensorflow ? [`tensorflow==${tensorflow}`] : (backends[backend] ?? [])),
    `h5py==${h5py}`,
    `numpy==${numpy}`,
  ];
  return tensorflow && /^(1\.|2\.[0-9]\.)/.test(tensorflow) ? [...packages, 'protobuf<3.21'] : packages;
}

/** What a backend other than TensorFlow needs; which one is chosen by KERAS_BACKEND. */
const backends: Readonly<Record<string, readonly string[]>> = {
  theano: ['theano==1.0.5', 'scipy<1.6'],
  jax: ['jax==0.5.3'],
  torch: ['torch'],
};

function command(environment: Environment, style: EnvironmentStyle): string[] {
  const packages = pins(environment)
    .map(pin => (/[<>]/.test(pin) ? `'${pin}'` : pin))
    .join(' ');
  const python = environment.python.split('.').slice(0, 2).join('.');
  switch (style) {
    case 'pip':
      return [`# Python ${python}`, `pip install ${packages}`];
    case 'uv':
      return [`uv venv --python ${python}`, `uv pip install ${packages}`];
    case 'conda':
      return [`conda create -n model python=${python} pip`, `conda run -n model pip install ${packages}`];
    case 'docker':
      return [`FROM python:${python}-slim`, `RUN pip install --no-cache-dir ${packages}`];
  }
}

export function environmentText(
  artefact: string,
  { madeIn, newest }: Suitable,
  evidence: readonly string[],
  style: EnvironmentStyle,
): string {
  const lines: string[] = [];
  if (madeIn)
    lines.push(
      `${artefact} was made in ${describeEnvironment(madeIn)}, or near it:`,
      '',
      ...indent(command(madeIn, style)),
    );
  else lines.push(`${artefact} does not tell what it was made in.`);
  for (const sentence of evidence) lines.push(`  # ${sentence}`);
  if (newest && newest !== madeIn)
    lines.push(
      '',
      `The newest that loads it as it was meant is ${describeEnvironment(newest)}:`,
      '',
      ...indent(command(newest, style)),
    );
  if (!newest)
    lines.push('', 'No known environment loads it as it is; doctor says why, mend writes a copy that loads.');
  return lines.join('\n');
}

function indent(lines: readonly string[]): string[] {
  return lines.map(line => `  ${line}`);
}
