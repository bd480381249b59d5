/**
 * The component framework, set up for a browser: built-in tags, page and component definitions, events. Everything that works around the
 * adapter's version (0.12.1, pinned) is here.
 */
import { MiniProgramEnv, glassEasel } from 'glass-easel-miniprogram-adapter';
import { builtinTemplates } from '../builtin-templates.js';
import { builtinDefinitions } from './builtins.js';
import { allowStyleAttribute } from './dom.js';
import type { ButtonActions, Part, PreviewInput, Self } from './types.js';

/** Attributes every built-in takes without a stand-in for what they do; some reach the DOM for assistive technology. */
const accepted =
  'hoverClass hoverStartTime hoverStayTime hoverStopPropagation lang sessionFrom sendMessageTitle sendMessagePath sendMessageImg showMessageCard enhanced showScrollbar scrollWithAnimation cursorSpacing adjustPosition confirmType userSelect space webp showMenuByLongpress';
const spoken = {
  ariaLabel: 'aria-label',
  ariaRole: 'role',
  ariaChecked: 'aria-checked',
  ariaHidden: 'aria-hidden',
  ariaSelected: 'aria-selected',
  ariaLive: 'aria-live',
} as const;

/** The adapter's inner parts that are reached into. */
interface Inner {
  prepareComponentOptions(...given: unknown[]): [Record<string, unknown>, unknown];
  componentEnv(path: string, run: (env: Definers) => unknown): unknown;
}
/** The framework's EventBubbleStatus.NoDefault, a constant that exists in its types alone. */
const preventDefault = 1;

type Definer = (definition?: { behaviors?: unknown[] }) => unknown;
interface Definers {
  Page: Definer;
  Component: Definer;
  Behavior: Definer;
}

export type Space = ReturnType<typeof createSpace>;

export function createSpace(input: PreviewInput, actions: ButtonActions) {
  const env = new MiniProgramEnv();
  const code = env.createCodeSpace('', true);
  adaptOptions(code as unknown as Inner);
  adaptBehaviours(code as unknown as Inner, namedBehaviours(code));
  const template = (path: string): never => ({ groupList: input.templates, content: input.templates[path] }) as never;
  addBuiltins(code.getComponentSpace(), { actions, template });
  const backend = env.associateBackend(createBackend());
  glassEasel.addGlobalErrorListener((error: unknown) => {
    // An error inside a page is an error of the page: tests count those.
    queueMicrotask(() => {
      throw error;
    });
    return true;
  });
  return {
    register(path: string, part: Part): void {
      const config = { ...part.config };
      if (part.isPage && !config.styleIsolation) delete config.component;
      code.addComponentStaticConfig(path, config as never);
      code.addCompiledTemplate(path, template(path));
      if (part.scope !== undefined) code.addStyleSheet(path, undefined, part.scope);
    },
    define(path: string, run: () => void): void {
      code.globalComponentEnv(globalThis, path, run);
    },
    createRoot: (path: string) => backend.createRoot('page', code, path),
  };
}

/** Ids as written, so that pages can be found by them; no fields on nodes, where a property called `dataset` would throw. */
function adaptOptions(code: Inner): void {
  const prepare = code.prepareComponentOptions.bind(code);
  code.prepareComponentOptions = (...given) => {
    const prepared = prepare(...given);
    Object.assign(prepared[0], { idPrefixGenerator: null, writeIdToDOM: true, writeFieldsToNode: false });
    return prepared;
  };
}

/** `behaviors: ['wx://form-field']`: names the base library knows and the adapter does not. */
function namedBehaviours(code: ReturnType<MiniProgramEnv['createCodeSpace']>): Record<string, unknown> {
  const make = (definition: object): unknown =>
    code
      .behavior()
      .definition(definition as never)
      .register();
  return {
    'wx://form-field': make({ properties: { name: { type: String, value: '' }, value: { type: null, value: '' } } }),
    'wx://form-field-group': make({}),
    'wx://form-field-button': make({}),
    'wx://component-export': make({}),
  };
}

function adaptBehaviours(code: Inner, named: Record<string, unknown>): void {
  const componentEnv = code.componentEnv.bind(code);
  const adapt = (definer: Definer): Definer =>
    Object.assign(
      (definition?: { behaviors?: unknown[] }) =>
        definer(
          definition?.behaviors
            ? { ...definition, behaviors: definition.behaviors.map((b) => (typeof b === 'string' ? named[b] : b)) }
            : definition,
        ),
      definer,
    );
  code.componentEnv = (path, run) =>
    componentEnv(path, (env) =>
      run({ Page: adapt(env.Page), Component: adapt(env.Component), Behavior: adapt(env.Behavior) }),
    );
}

interface BuiltinSetup {
  actions: ButtonActions;
  template(path: string): never;
}
function addBuiltins(space: glassEasel.ComponentSpace, { actions, template }: BuiltinSetup): void {
  const own = new glassEasel.ComponentSpace();
  const definitions = builtinDefinitions(actions);
  for (const tag of Object.keys(builtinTemplates) as Array<keyof typeof builtinTemplates>) {
    const definition = definitions[tag] ?? {};
    const made = own.defineComponent({
      is: tag,
      template: template(`builtin/${tag}`),
      options: { virtualHost: false, writeIdToDOM: true, idPrefixGenerator: null } as never,
      ...definition,
      properties: { ...freeProperties(), ...definition.properties },
      observers: { ...spokenObservers(), ...definition.observers },
    } as never);
    space.setGlobalUsingComponent(tag, made as never);
  }
}

const freeProperties = (): Record<string, { type: unknown; value: unknown }> =>
  Object.fromEntries(
    [...accepted.split(' '), ...Object.keys(spoken), 'hidden'].map((name) => [name, { type: null, value: null }]),
  );

function spokenObservers(): Record<string, (this: Self, value: unknown) => void> {
  const toAttribute = (attribute: string) =>
    function (this: Self, value: unknown): void {
      if (value === null || value === undefined) this.$$.removeAttribute(attribute);
      else this.$$.setAttribute(attribute, String(value));
    };
  const observers = Object.entries(spoken).map(([name, attribute]) => [name, toAttribute(attribute)] as const);
  return {
    ...Object.fromEntries(observers),
    hidden(this: Self, value: unknown) {
      this.$$.style.display = value ? 'none' : '';
    },
  };
}

/** Real elements: `h-input` is an <input>, everything else gets the platform's prefix. */
function createBackend(): glassEasel.GeneralBackendContext {
  const backend = new glassEasel.CurrentWindowBackendContext();
  const nameOf = (tag: string): string =>
    tag.startsWith('h-') ? tag.slice(2) : tag.startsWith('wx-') ? tag : `wx-${tag}`;
  backend.document = {
    createElement: (tag: string) => allowStyleAttribute(document.createElement(nameOf(tag))),
    createTextNode: (text: string) => document.createTextNode(text),
    createDocumentFragment: () => document.createDocumentFragment(),
  } as never;
  // The adapter of this version does not connect the two: without this everything is drawn and no tap ever arrives.
  backend.onEvent((target, type, detail, options) => {
    const event = new glassEasel.Event(type, detail, options);
    event.dispatch(target);
    return event.defaultPrevented() ? preventDefault : undefined;
  });
  return backend;
}
