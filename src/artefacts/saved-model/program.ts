/** The program of a SavedModel, made when something is first run: it brings all lowerings of TensorFlow with it. */

import type { Program } from '../../tensorflow/program.ts';
import type { MetaGraph, SavedModelContents } from '../../tensorflow/saved-model.ts';

/** A function that makes the program once, its tables read. */
export function programOnce(contents: SavedModelContents, metaGraph: MetaGraph): () => Promise<Program> {
  let made: Promise<Program> | null = null;
  const make = async () => {
    const { makeProgram } = await import('../../tensorflow/program.ts');
    const program = makeProgram(contents, metaGraph);
    await program.prepare();
    return program;
  };
  return () => {
    made ??= make();
    return made;
  };
}
