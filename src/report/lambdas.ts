/** What Lambda layers do, for people: source, what it expects from the training script, risks, bytecode. */

import type { DescribedName, LambdaDescription } from '../lambdas/index.ts';

/** The text of `loadstone inspect --lambda`. */
export function lambdasText(lambdas: readonly LambdaDescription[]): string {
  if (lambdas.length === 0) return 'No Lambda layers.';
  return lambdas.map(lambdaText).join('\n\n');
}

function lambdaText(lambda: LambdaDescription): string {
  const { layer, kind, python, name, source, problem } = lambda;
  const head = python ? `Lambda "${layer}", written by Python ${python}` : `Lambda "${layer}"`;
  const body =
    source ?? (kind === 'named' ? `the function ${name}, of which the file holds only the name` : 'no source form');
  const facts = [
    ...givenLines(lambda),
    ...lambda.names.map(nameLine),
    ...lambda.reasons.map(({ severity, what }) => `${severity}: ${what}`),
  ];
  const outside =
    lambda.outside.length > 0
      ? [`Not interpreted: ${lambda.outside.join(', ')}. Give a definition named "${layer}" (--custom) to run it.`]
      : [];
  const unread = problem && source === null ? [problem] : [];
  // The source says it all; where it is missing, or something is refused, the bytecode is the evidence.
  const listing = source === null || outside.length > 0 || !lambda.safe ? (lambda.disassembly ?? '').split('\n') : [];
  const lines = [...body.split('\n'), ...facts, ...outside, ...unread, ...listing.filter(Boolean)];
  return [head, ...lines.map(line => `  ${line}`)].join('\n');
}

function givenLines({ closure, arguments: given }: LambdaDescription): string[] {
  const pairs = (values: { readonly [name: string]: unknown }) =>
    Object.entries(values).map(([name, value]) => `${name} = ${JSON.stringify(value)}`);
  const held = pairs(closure);
  const passed = pairs(given);
  return [
    ...(held.length > 0 ? [`Values stored with it: ${held.join(', ')}`] : []),
    ...(passed.length > 0 ? [`Called with ${passed.join(', ')}`] : []),
  ];
}

function nameLine({ name, means, inLoader }: DescribedName): string {
  const meaning =
    means === null ? `${name} is the training script's own: nobody else knows its value` : `${name} is ${means}`;
  if (means === null) return meaning;
  return inLoader
    ? `${meaning}; the Keras that wrote the file finds it by itself`
    : `${meaning}; loading needs it in custom_objects or in the script's globals`;
}
