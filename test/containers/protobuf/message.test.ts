import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decode,
  defineMessage,
  encode,
  field,
  type Message,
  map,
  optional,
  repeated,
} from '../../../src/containers/protobuf/message.ts';
import { isLoadstoneError } from '../../../src/findings/errors.ts';

interface Tree {
  label: string;
  children: Tree[];
}
const Tree: Message<Tree> = defineMessage('Tree', { label: field(1, 'string'), children: repeated(2, () => Tree) });

const Everything = defineMessage('Everything', {
  text: field(1, 'string'),
  raw: field(2, 'bytes'),
  flag: field(3, 'bool'),
  small: field(4, 'int32'),
  big: field(5, 'int64'),
  size: field(6, 'size64'),
  ratio: field(7, 'float'),
  exact: field(8, 'double'),
  check: field(9, 'fixed32'),
  dims: repeated(10, 'size64'),
  floats: repeated(11, 'float'),
  names: repeated(12, 'bytes'),
  tree: field(13, () => Tree),
  attributes: map(14, 'string', () => Tree),
  maybe: optional(16, 'int32'),
});

const sample = {
  text: 'Ünïcode',
  raw: new Uint8Array([0, 255]),
  flag: true,
  small: -3,
  big: -(2n ** 60n),
  size: 2 ** 40,
  ratio: 0.5,
  exact: Math.PI,
  check: 0xffffffff,
  dims: [1, -1, 300],
  floats: [1.5, -2],
  names: [new Uint8Array([1]), new Uint8Array()],
  tree: { label: 'root', children: [{ label: 'leaf', children: [] }] },
  attributes: new Map([['a', { label: 'x', children: [] }]]),
  maybe: 0,
};

describe('protobuf messages', () => {
  it('reads what it wrote, every kind of field', () => {
    expect(decode(Everything, encode(Everything, sample))).toEqual(sample);
  });

  it('reads absent scalars as zero and absent optional ones as undefined', () => {
    const empty = decode(Everything, new Uint8Array());
    expect(empty.text).toBe('');
    expect(empty.dims).toEqual([]);
    expect(empty.tree).toBeUndefined();
    expect(empty.maybe).toBeUndefined();
  });

  it('reads numbers packed or one by one, and skips unknown fields', () => {
    // field 10 twice unpacked (tag 0x50), then unknown field 30 with three bytes (tag 0xf2 0x01)
    const bytes = new Uint8Array([0x50, 7, 0x50, 8, 0xf2, 0x01, 3, 1, 2, 3]);
    expect(decode(Everything, bytes).dims).toEqual([7, 8]);
  });

  it('merges a message that occurs twice', () => {
    const first = encode(Everything, { tree: { label: 'one', children: [{ label: 'a' }] } });
    const second = encode(Everything, { tree: { children: [{ label: 'b' }] } });
    const both = decode(Everything, new Uint8Array([...first, ...second]));
    expect(both.tree).toEqual({
      label: 'one',
      children: [
        { label: 'a', children: [] },
        { label: 'b', children: [] },
      ],
    });
  });

  it('gives bytes as views of the input', () => {
    const bytes = encode(Everything, sample);
    expect(decode(Everything, bytes).raw.buffer).toBe(bytes.buffer);
  });

  it('names the offset, counted from the given base, where a message is cut', () => {
    const bytes = encode(Everything, sample);
    const cut = () => decode(Everything, bytes.subarray(0, 5), { where: 'x.pb', offset: 100 });
    expect(cut).toThrow(/no valid Everything message.*x\.pb, byte 1\d\d/);
  });

  it('refuses nesting past the limit instead of exhausting the stack', () => {
    let bytes = new Uint8Array();
    for (let i = 0; i < 300; i++) bytes = new Uint8Array([0x12, ...varint(bytes.length), ...bytes]);
    expect(() => decode(Tree, bytes)).toThrow(/nested more than 100 deep/);
  });

  it('refuses more values than allowed', () => {
    const bytes = new Uint8Array(2000).map((_, i) => (i % 2 ? 0 : 0x12));
    expect(() => decode(Tree, bytes, { maxValues: 100 })).toThrow(/more values/);
  });

  it('reads or refuses every truncation, flip and random bytes without any other failure', () => {
    const whole = encode(Everything, sample);
    const attempt = (bytes: Uint8Array) => {
      try {
        decode(Everything, bytes);
      } catch (error) {
        expect(isLoadstoneError(error)).toBe(true);
      }
    };
    for (let n = 0; n < whole.length; n++) attempt(whole.subarray(0, n));
    for (let bit = 0; bit < whole.length * 8; bit++) {
      const flipped = whole.slice();
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      attempt(flipped);
    }
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), attempt));
  });
});

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(value >> 7)];
}
