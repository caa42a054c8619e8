import { describe, expect, it } from 'vitest';
import { encode } from '../../src/containers/protobuf/message.ts';
import { isLoadstoneError } from '../../src/findings/errors.ts';
import { inputTensor } from '../../src/layers/tracing.ts';
import type { Shape } from '../../src/numbers/tensor.ts';
import type { SymbolicTensor } from '../../src/ops/types.ts';
import { functionLibrary } from '../../src/tensorflow/function-library.ts';
import { makeContext } from '../../src/tensorflow/lower/context.ts';
import { evaluate, evaluateFunction } from '../../src/tensorflow/lower/graph.ts';
import { families, loweringOf } from '../../src/tensorflow/lower/registry.ts';
import { tensorValue, type Value } from '../../src/tensorflow/lower/value.ts';
import { type FunctionDef, FunctionDefProto, type NodeDef } from '../../src/tensorflow/schema/graph.ts';

type Attr = { [name: string]: object };

function node(name: string, op: string, input: string[] = [], attr: Attr = {}): NodeDef {
  return { name, op, input, device: '', attr: new Map(Object.entries(attr)) as unknown as NodeDef['attr'] };
}

const ints = (name: string, values: number[], shape = [values.length]): NodeDef =>
  node(name, 'Const', [], {
    dtype: { type: 3 },
    value: {
      tensor: {
        dtype: 3,
        tensorShape: { dim: shape.map(size => ({ size, name: '' })), unknownRank: false },
        tensorContent: new Uint8Array(Int32Array.from(values).buffer),
        stringVal: [],
      },
    },
  });

const int = (name: string, value: number) => ints(name, [value], []);
const T = { T: { type: 1 } };
const noFunctions = functionLibrary([], 'test');

function context(functions = noFunctions) {
  return makeContext({
    functions,
    where: 'test',
    stateful: new Set(),
    resource: () => ({ kind: 'unsupported', why: 'no resources here' }),
  });
}

const input = (shape: Shape) => inputTensor('x', shape, 'float32');

function fetch(nodes: NodeDef[], x: SymbolicTensor, fetched: string): Value {
  const body = {
    nodes: new Map(nodes.map(it => [it.name, it])),
    given: new Map([['x', [tensorValue(x)]]]),
    where: 'test',
  };
  return evaluate(body, [fetched], [], context())[0]!;
}

const shapeOf = (value: Value): Shape => (value.kind === 'tensor' ? value.tensor.shape : []);

describe('branches of TensorFlow 1', () => {
  const flag = inputTensor('flag', [], 'bool');
  const given = new Map([['flag', [tensorValue(flag)]]]);
  const nodes = [
    node('part', 'Switch', ['x', 'flag'], T),
    node('side_false', 'Neg', ['part'], T),
    // A branch inside the branch, of another condition that is known.
    node('known', 'Const', [], {
      dtype: { type: 10 },
      value: {
        tensor: { dtype: 10, tensorShape: { dim: [], unknownRank: false }, tensorContent: new Uint8Array([1]) },
      },
    }),
    node('inner', 'Switch', ['part:1', 'known'], T),
    node('inner_true', 'Square', ['inner:1'], T),
    node('inner_met', 'Merge', ['inner', 'inner_true'], T),
    node('met', 'Merge', ['side_false', 'inner_met'], T),
  ];

  it('are both computed where the condition is not known, and the merge chooses', () => {
    const x = input([2, 3]);
    const body = {
      nodes: new Map(nodes.map(it => [it.name, it])),
      given: new Map([...given, ['x', [tensorValue(x)]]]),
      where: 'test',
    };
    const [met] = evaluate(body, ['met'], [], context());
    expect(met!.kind).toBe('tensor');
    const { op, inputs } = (met as Extract<Value, { kind: 'tensor' }>).tensor.node;
    expect(op).toBe('where');
    expect(inputs[0]!.node).toBe(flag.node);
    expect(inputs.slice(1).map(side => side.node.op)).toEqual(['multiply', 'negative']);
  });
});

describe('lowering TensorFlow graphs', () => {
  it('follows sizes through the arithmetic of shapes', () => {
    const nodes = [
      node('shape', 'Shape', ['x']),
      ints('zero', [0]),
      ints('one', [1]),
      node('batch', 'StridedSlice', ['shape', 'zero', 'one', 'one'], { shrink_axis_mask: { i: 1n } }),
      int('six', 6),
      int('two', 2),
      node('twelve', 'Mul', ['six', 'two']),
      node('target', 'Pack', ['batch', 'twelve'], { axis: { i: 0n } }),
      node('flat', 'Reshape', ['x', 'target']),
    ];
    expect(shapeOf(fetch(nodes, input([null, 3, 4]), 'flat'))).toEqual([null, 12]);
  });

  it('takes strided slices apart by their masks', () => {
    const slice = (begin: number[], end: number[], strides: number[], masks: { [mask: string]: bigint }) => {
      const attr = Object.fromEntries(Object.entries(masks).map(([name, i]) => [name, { i }]));
      const nodes = [
        ints('b', begin),
        ints('e', end),
        ints('s', strides),
        node('y', 'StridedSlice', ['x', 'b', 'e', 's'], attr),
      ];
      return shapeOf(fetch(nodes, input([5, 6, 7]), 'y'));
    };
    expect(slice([1], [4], [1], {})).toEqual([3, 6, 7]);
    expect(slice([0, 2], [0, 0], [1, 1], { ellipsis_mask: 1n, end_mask: 2n })).toEqual([5, 6, 5]);
    expect(slice([0, -1], [0, 0], [1, 1], { begin_mask: 1n, end_mask: 1n, shrink_axis_mask: 2n })).toEqual([5, 7]);
    expect(slice([0, 0], [0, 3], [1, 1], { new_axis_mask: 1n })).toEqual([1, 3, 6, 7]);
    expect(slice([0], [0], [-2], { begin_mask: 1n, end_mask: 1n })).toEqual([3, 6, 7]);
  });

  it('fails on an unknown operation only where a result needs it', () => {
    const nodes = [
      node('odd', 'FluxCapacitor', ['x']),
      node('fine', 'Relu', ['x'], T),
      node('bad', 'Relu', ['odd'], T),
    ];
    expect(fetch(nodes, input([2]), 'fine').kind).toBe('tensor');
    const bad = fetch(nodes, input([2]), 'bad');
    expect(bad).toEqual({ kind: 'unsupported', why: "TensorFlow's operation FluxCapacitor is not supported" });
  });

  it('refuses a graph whose node needs its own result', () => {
    const nodes = [node('a', 'Relu', ['b'], T), node('b', 'Relu', ['a'], T)];
    expect(() => fetch(nodes, input([2]), 'a')).toThrow(/needs its own result/);
  });

  it('survives a graph ten thousand nodes deep', () => {
    const nodes = Array.from({ length: 10_000 }, (_, at) => node(`n${at}`, 'Relu', [at === 0 ? 'x' : `n${at - 1}`], T));
    expect(shapeOf(fetch(nodes, input([3]), 'n9999'))).toEqual([3]);
  });

  it('names an operation once, and each in one family', () => {
    const names = Object.values(families).flatMap(family => Object.keys(family));
    expect(new Set(names).size).toBe(names.length);
    expect(loweringOf('MatMul')).toBeDefined();
  });
});

/** A function of the library out of nodes. */
function definition(
  name: string,
  args: [string, number][],
  nodes: NodeDef[],
  results: [string, string][],
): FunctionDef {
  const arg = (argName: string, type = 1) => ({ name: argName, type, typeAttr: '', numberAttr: '', typeListAttr: '' });
  return {
    signature: { name, inputArg: args.map(([it, type]) => arg(it, type)), outputArg: results.map(([it]) => arg(it)) },
    attr: new Map(),
    argAttr: new Map(),
    nodeDef: nodes,
    ret: new Map(results),
  };
}

const list = (name: string) => ({ func: { name, attr: new Map() } });

/** `while i < n: out[i] = x[i] + state; state = out[i]`, as a recurrent layer is. */
function loop(limit: NodeDef) {
  const cond = definition(
    'cond',
    [
      ['i', 3],
      ['out', 21],
      ['state', 1],
      ['xs', 21],
      ['n', 3],
    ],
    [node('more', 'Less', ['i', 'n'])],
    [['more', 'more:z:0']],
  );
  const body = definition(
    'body',
    [
      ['i', 3],
      ['out', 21],
      ['state', 1],
      ['xs', 21],
      ['n', 3],
    ],
    [
      ints('elem', [2]),
      node('item', 'TensorListGetItem', ['xs', 'i', 'elem:output:0'], { element_dtype: { type: 1 } }),
      node('next', 'AddV2', ['item:item:0', 'state'], T),
      node('put', 'TensorListSetItem', ['out', 'i', 'next:z:0'], { element_dtype: { type: 1 } }),
      int('one', 1),
      node('up', 'AddV2', ['i', 'one:output:0'], { T: { type: 3 } }),
    ],
    [
      ['i1', 'up:z:0'],
      ['out1', 'put:output_handle:0'],
      ['state1', 'next:z:0'],
      ['xs1', 'xs'],
      ['n1', 'n'],
    ],
  );
  const main = definition(
    'main',
    [
      ['x', 1],
      ['start', 1],
    ],
    [
      int('zero', 0),
      limit,
      ints('elem', [2]),
      node('xs', 'TensorListFromTensor', ['x', 'elem:output:0'], { element_dtype: { type: 1 } }),
      node('out', 'TensorListReserve', ['elem:output:0', `${limit.name}:output:0`], { element_dtype: { type: 1 } }),
      node(
        'loop',
        'While',
        ['zero:output:0', 'out:handle:0', 'start', 'xs:output_handle:0', `${limit.name}:output:0`],
        {
          cond: list('cond'),
          body: list('body'),
        },
      ),
      node('all', 'TensorListStack', ['loop:output:1', 'elem:output:0'], { element_dtype: { type: 1 } }),
    ],
    [
      ['all', 'all:tensor:0'],
      ['last', 'loop:output:2'],
    ],
  );
  const library = functionLibrary(
    [cond, body].map(it => encode(FunctionDefProto, it as never)),
    'test',
  );
  const inputs = [tensorValue(input([5, 2])), tensorValue(input([2]))];
  return evaluateFunction(main, inputs, 'test', context(library));
}

describe('loops', () => {
  it('that count their steps become scans, with every step in its place', () => {
    const [all, last] = loop(int('limit', 5));
    expect(shapeOf(all!)).toEqual([5, 2]);
    expect(shapeOf(last!)).toEqual([2]);
    const scanned = all?.kind === 'tensor' ? all.tensor.node : undefined;
    expect(scanned?.op).toBe('scan');
    // The state alone is carried; the limit and the list that is read are not.
    expect(scanned?.attributes.carries).toBe(1);
  });
});

describe('functions', () => {
  it('refuse to be called with too few inputs, as damaged', () => {
    const broken = definition('f', [['a', 1]], [], [['a1', 'a']]);
    try {
      evaluateFunction(broken, [], 'test', context());
      expect.unreachable();
    } catch (error) {
      expect(isLoadstoneError(error, 'damaged')).toBe(true);
    }
  });

  it('that call each other without end are refused', () => {
    const call = { f: list('again') };
    const again = definition('again', [['a', 1]], [node('c', 'PartitionedCall', ['a'], call)], [['r', 'c:output:0']]);
    const library = functionLibrary([encode(FunctionDefProto, again as never)], 'test');
    const [result] = evaluateFunction(again, [tensorValue(input([1]))], 'test', context(library));
    expect(result).toMatchObject({ kind: 'unsupported' });
  });
});
