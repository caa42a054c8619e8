/** Names as TypeScript writes them and as Keras stores them. */

/** `useBias` → `use_bias`. What is snake_case already stays. */
export function toSnakeCase(name: string): string {
  return name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`);
}

/**
 * Default name that Keras makes of a class: `Conv2DTranspose` → `conv2d_transpose`, `PReLU` → `p_re_lu`
 * (keras/src/utils/naming.py: to_snake_case).
 */
export function classNameToSnakeCase(className: string): string {
  return className
    .replace(/\W+/g, '')
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}
