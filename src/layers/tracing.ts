/** What one tracing of a model collects, and what its layers share while it runs. */

import type { ByteSource } from '../bytes/source.ts';
import type { Layer, Model, TensorRef, Weight } from '../model/types.ts';
import type { DType } from '../numbers/dtype.ts';
import { record } from '../ops/record.ts';
import type { SymbolicTensor } from '../ops/types.ts';
import type { LayerInstance } from './build.ts';
import type { CustomObjects } from './custom.ts';
import type { CallOptions, CallOutcome } from './define.ts';

/** A weight of the graph and the variable that it stands for. */
export interface TracedWeight {
  /** Node `weight`; its `name` attribute is `path`. */
  readonly tensor: SymbolicTensor;
  /** Layer names and attributes down to the variable: `bidirectional/forward_layer/cell/kernel`. */
  readonly path: string;
  /** The variable as the model binds it; null for layers that no artefact was bound to. */
  readonly weight: Weight | null;
}

/** A variable that lives from one predict to the next. */
export interface TracedState {
  readonly path: string;
  readonly shape: readonly number[];
  readonly dtype: DType;
  /** What it was before the call: node `input`. */
  readonly before: SymbolicTensor;
  /** What it is after. */
  after: SymbolicTensor;
  /** What it holds at first, where the artefact stores it; zeros otherwise. */
  readonly initial?: TensorRef | null;
}

export interface Tracing {
  readonly customObjects: CustomObjects;
  /** Lines of the text files that came with layers, read beforehand. */
  readonly assets: ReadonlyMap<ByteSource, readonly string[]>;
  /** True when weights must be there (to run); false to learn shapes only. */
  readonly needWeights: boolean;
  readonly weights: TracedWeight[];
  readonly states: Map<string, TracedState>;
  /** Layers of the model already made, so that a shared layer is one. */
  readonly instances: Map<Layer, LayerInstance>;
  /** Traces a call of a model used as a layer. */
  callModel(
    model: Model,
    instance: LayerInstance,
    inputs: readonly SymbolicTensor[],
    options: CallOptions,
  ): CallOutcome;
}

/** A tensor that comes from outside the graph. */
export function inputTensor(name: string, shape: SymbolicTensor['shape'], dtype: DType): SymbolicTensor {
  return record('input', [], { name }, { shape, dtype });
}
