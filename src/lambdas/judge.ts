/**
 * Whether a stored function could harm the one whose Python runs it. The judgement is of what the code names, in every
 * branch and inner function, reached or not: modules of the system, running of text as code, files, the network, and
 * the back doors of Python's objects.
 */

import type { CodeObject, PythonConstant, PythonVersion } from '../containers/marshal/index.ts';
import { canonical, withoutCompat } from './allowed/index.ts';
import type { Instruction } from './instructions.ts';
import { attributePath, bodiesOf, isBuiltin, meaningOf } from './names.ts';
import { normalise } from './normalise.ts';

export interface Risk {
  /** Stable id, kebab-case. */
  readonly rule:
    | 'runs-code'
    | 'runs-commands'
    | 'reaches-network'
    | 'touches-files'
    | 'loads-code'
    | 'reaches-inside-python'
    | 'imports-module'
    | 'unreadable-code';
  readonly severity: 'medium' | 'high' | 'critical';
  /** One sentence for people. */
  readonly what: string;
}

type Danger = readonly [RegExp, Risk['rule'], Risk['severity'], string];

/** By full name, first match wins. */
const dangers: readonly Danger[] = [
  [/^builtins\.(exec|eval|compile|execfile)$/, 'runs-code', 'critical', 'runs text as Python code'],
  [
    /^builtins\.(__import__|__builtins__)$/,
    'loads-code',
    'critical',
    'imports modules by a way around the import statement',
  ],
  [
    /^(os\.(system|popen|exec\w*|spawn\w*|posix_spawn\w*|fork|kill)|posix\.|nt\.|subprocess|commands|pty|platform\.popen)/,
    'runs-commands',
    'critical',
    'runs commands of the operating system',
  ],
  [
    /^(socket|urllib|urllib2|urllib3|requests|http|httplib|ftplib|smtplib|telnetlib|paramiko|aiohttp|webbrowser|xmlrpc|ssl|socketserver|asyncio)(\.|$)/,
    'reaches-network',
    'critical',
    'reaches the network',
  ],
  [
    /^(pickle|cPickle|dill|cloudpickle|joblib|marshal|shelve|importlib|imp|runpy|pkgutil|zipimport|code|codeop|types\.(CodeType|FunctionType)|ctypes|cffi)(\.|$)/,
    'loads-code',
    'critical',
    'loads or makes code',
  ],
  [
    /^(os|shutil|pathlib|tempfile|glob|io|fileinput|zipfile|tarfile|sqlite3|winreg)(\.|$)/,
    'touches-files',
    'high',
    'reaches files or the system',
  ],
  [/^builtins\.(open|file|input|raw_input)$/, 'touches-files', 'high', 'opens files or reads input'],
  [
    /^(sys|inspect|gc|threading|multiprocessing|concurrent|signal|atexit|resource|site)(\.|$)|^builtins$/,
    'reaches-inside-python',
    'high',
    "reaches into Python's own workings",
  ],
  [
    /^builtins\.(getattr|setattr|delattr|globals|locals|vars|breakpoint|exit|quit|type|object|super|dir)$/,
    'reaches-inside-python',
    'high',
    'reaches attributes or variables by text',
  ],
  [
    /^tensorflow\.(py_function|numpy_function|py_func|load_op_library|load_library|load_file_system_library|compat\.v1\.py_func)/,
    'runs-code',
    'high',
    'runs Python outside of the graph',
  ],
  [
    /^tensorflow\.(io\.|gfile\.|train\.|saved_model\.|summary\.|data\.|distribute\.server|config\.experimental_connect|read_file|write_file|raw_ops\.(ReadFile|WriteFile|PyFunc|Save|Restore))/,
    'touches-files',
    'high',
    'reads or writes files',
  ],
  [
    /^keras\.(utils\.get_file|models\.load_model|saving\.|utils\.(audio|image)_dataset)|enable_unsafe_deserialization$/,
    'touches-files',
    'high',
    'loads files',
  ],
  [
    /^numpy\.(load|save|savez|fromfile|tofile|memmap|loadtxt|savetxt|genfromtxt|DataSource|lib\.)/,
    'touches-files',
    'high',
    'reads or writes files',
  ],
  [/^(base64|codecs|binascii|zlib|gzip|bz2|lzma)(\.|$)/, 'runs-code', 'medium', 'unpacks hidden data'],
];

/** Attributes through which code climbs out of an object to everything. */
const backDoors =
  /^__(?!init__$|name__$|doc__$|version__$|len__$|getitem__$|iter__$|call__$|add__$|mul__$|sub__$)\w+__$/;

const harmlessModules =
  /^(tensorflow|keras|tf_keras|numpy|math|functools|itertools|operator|jax|scipy|typing|__future__|collections|warnings|copy|random|time|datetime|logging|torch|theano)(\.|$)/;

/** What in a function could do harm, worst first; empty for a function that only computes. */
export function judge(code: CodeObject, python: PythonVersion): Risk[] {
  const risks = bodiesOf(code).flatMap(body => {
    const { instructions } = normalise(body, python);
    return [...namedRisks(instructions), ...importRisks(instructions), ...attributeRisks(instructions)];
  });
  const order = { critical: 0, high: 1, medium: 2 };
  const distinct = [...new Map(risks.map(risk => [risk.what, risk])).values()];
  return distinct.sort((a, b) => order[a.severity] - order[b.severity]);
}

/** Names and what hangs on them: `os.system`, `eval`. */
function namedRisks(instructions: readonly Instruction[]): Risk[] {
  const modules = importedNames(instructions);
  return instructions.flatMap((instruction, index) => {
    if (instruction.op !== 'load') return [];
    const attributes = attributePath(instructions, index);
    const owner =
      instruction.scope === 'global' ? globalPath(instruction.name, attributes) : modules.get(instruction.name);
    if (owner === undefined) return [];
    const written = attributes ? `${instruction.name}.${attributes}` : instruction.name;
    return riskOf(canonical(attributes ? `${owner}.${attributes}` : owner), written);
  });
}

function globalPath(name: string, attributes: string): string {
  if (isBuiltin(name)) return `builtins.${name}`;
  return meaningOf(name, attributes ? [attributes] : []) ?? name;
}

function riskOf(fullName: string, written: string): Risk[] {
  const path = withoutCompat(fullName);
  const found = dangers.find(([pattern]) => pattern.test(path));
  if (!found) return [];
  const [, rule, severity, what] = found;
  return [{ rule, severity, what: `It names ${written}, which ${what}.` }];
}

/** What source text names that could do harm: words and what hangs on them by dots. */
export function judgeText(text: string): Risk[] {
  const words = text.slice(0, 100_000).match(/[A-Za-z_]\w*(\.[A-Za-z_]\w*)*/g) ?? [];
  return [...new Set(words)].flatMap(word => {
    const [first = '', ...rest] = word.split('.');
    return riskOf(canonical([globalPath(first, rest.join('.')), ...rest].join('.')), word);
  });
}

/** What a function stored by module and name could do: Keras looks both up in the Python that loads it. */
export function judgeName(module: string | null, name: string): Risk[] {
  const owner = module ?? 'builtins';
  return riskOf(canonical(`${owner}.${name}`), module === null ? name : `${module}.${name}`);
}

/** Locals that hold modules: `import os as o` stores one. */
function importedNames(instructions: readonly Instruction[]): Map<string, string> {
  const names = new Map<string, string>();
  instructions.forEach((instruction, index) => {
    const next = instructions[index + 1];
    if (instruction.op === 'import' && next?.op === 'store') names.set(next.name, canonical(instruction.name));
  });
  return names;
}

function importRisks(instructions: readonly Instruction[]): Risk[] {
  let module = '';
  return instructions.flatMap((instruction): Risk[] => {
    if (instruction.op === 'import from')
      return riskOf(canonical(`${module}.${instruction.name}`), `${module}.${instruction.name}`);
    if (instruction.op !== 'import') return [];
    module = instruction.name;
    const known = riskOf(canonical(module), module);
    if (known.length > 0 || harmlessModules.test(module)) return known;
    return [
      { rule: 'imports-module', severity: 'medium', what: `It imports ${module}, which is not a package of numbers.` },
    ];
  });
}

function attributeRisks(instructions: readonly Instruction[]): Risk[] {
  return instructions.flatMap((instruction): Risk[] => {
    if (instruction.op !== 'attribute' || !backDoors.test(instruction.name)) return [];
    const what = `It takes the attribute ${instruction.name}, by which code climbs out of an object.`;
    return [{ rule: 'reaches-inside-python', severity: 'high', what }];
  });
}

/** Texts in a function, which a report can show: commands, addresses. */
export function textsIn(code: CodeObject): string[] {
  const texts = (value: PythonConstant): string[] => {
    if (value.kind === 'string') return [value.value];
    if (value.kind === 'tuple' || value.kind === 'list' || value.kind === 'frozenset')
      return value.items.flatMap(texts);
    return [];
  };
  return bodiesOf(code)
    .flatMap(body => body.constants.flatMap(texts))
    .filter(text => text !== '');
}
