/** The corpus of real artefacts, as the evaluations find it. Tests that need it skip loudly where it is not. */

export * from '../../eval/corpus.ts';
