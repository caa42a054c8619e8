/** The datatypes of HDF5 as plain data (format specification IV.A.2.d). */

export type StringPadding = 'null-terminated' | 'null-padded' | 'space-padded';
export type CharacterSet = 'ascii' | 'utf-8';
export type ByteOrder = 'little' | 'big' | 'vax';

export interface Hdf5CompoundMember {
  name: string;
  /** Byte offset inside one element. */
  offset: number;
  datatype: Hdf5Datatype;
}

export interface Hdf5EnumMember {
  name: string;
  value: number | bigint;
}

export interface Hdf5IntegerType {
  class: 'integer' | 'bitfield';
  size: number;
  order: ByteOrder;
  signed: boolean;
  /** First significant bit, and how many there are. */
  bitOffset: number;
  precision: number;
}

export interface Hdf5FloatType {
  class: 'float';
  size: number;
  order: ByteOrder;
  bitOffset: number;
  precision: number;
  signBit: number;
  exponentBit: number;
  exponentBits: number;
  exponentBias: number;
  mantissaBit: number;
  mantissaBits: number;
  /** Whether the leading 1 of the mantissa is `implied`, stored (`set`), or absent (`none`). */
  normalization: 'none' | 'set' | 'implied';
}

export interface Hdf5StringType {
  class: 'string';
  size: number;
  padding: StringPadding;
  charset: CharacterSet;
}

export type Hdf5Datatype =
  | Hdf5IntegerType
  | Hdf5FloatType
  | Hdf5StringType
  | { class: 'variable-string'; size: number; padding: StringPadding; charset: CharacterSet }
  | { class: 'time'; size: number; order: ByteOrder; precision: number }
  | { class: 'opaque'; size: number; tag: string }
  | { class: 'compound'; size: number; members: readonly Hdf5CompoundMember[] }
  | { class: 'reference'; size: number; target: 'object' | 'region' | 'attribute'; revised: boolean }
  | { class: 'enum'; size: number; base: Hdf5Datatype; members: readonly Hdf5EnumMember[] }
  | { class: 'variable'; size: number; base: Hdf5Datatype }
  | { class: 'array'; size: number; base: Hdf5Datatype; shape: readonly number[] }
  | { class: 'complex'; size: number; base: Hdf5Datatype };
