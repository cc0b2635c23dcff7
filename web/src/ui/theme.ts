/**
 * The only place of colours and spacing. Everything else names a `--loa-*` variable.
 *
 * The house colours are jade (ngọc) for what Loa and the agent do, and brass (đồng, the horn of a
 * loudspeaker) for what wants attention. Red is for failures alone. Grounds are grey with a breath of green,
 * so that eight hours in front of it do not tire.
 *
 * How to add a colour: one line in `light` and one in `dark`, and its pair in `pairs` so that the contrast
 * test sees it.
 */
import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from "@mantine/core";

const jade: MantineColorsTuple = [
  "#eaf6f2",
  "#d6ebe4",
  "#aed8cb",
  "#82c4b0",
  "#5cb398",
  "#3fa588",
  "#23907a",
  "#0f7a66",
  "#0a6656",
  "#064d41",
];

const brass: MantineColorsTuple = [
  "#fdf5e3",
  "#f8e8c4",
  "#f0d18c",
  "#e7b950",
  "#dda52a",
  "#c98f14",
  "#a8740a",
  "#855a05",
  "#664503",
  "#4a3202",
];

/** Greys of the dark scheme, from text to ground; Mantine takes its dark surfaces from here. */
const dark: MantineColorsTuple = [
  "#e4ebe8",
  "#c3ceca",
  "#9dada7",
  "#74857f",
  "#3c4a46",
  "#2b3633",
  "#1d2624",
  "#161d1c",
  "#101615",
  "#0b0f0e",
];

export interface Palette {
  /** Behind everything. */
  canvas: string;
  /** Panes and cards. */
  surface: string;
  /** Fields and hovered rows. */
  sunken: string;
  /** The chosen row. */
  selected: string;
  border: string;
  text: string;
  /** Secondary text; still AA on canvas, surface, sunken and selected. */
  muted: string;
  primary: string;
  onPrimary: string;
  primarySoft: string;
  onPrimarySoft: string;
  bubbleIn: string;
  onBubbleIn: string;
  bubbleOut: string;
  onBubbleOut: string;
  /** Small text in our own bubbles: the time and the ticks. */
  onBubbleOutMuted: string;
  /** Waiting, closing soon, next message counts. */
  attention: string;
  attentionSoft: string;
  onAttentionSoft: string;
  /** Private notes: their ground, what is marked in them, their edge, and the words on the first two. */
  note: string;
  noteStrong: string;
  noteEdge: string;
  onNote: string;
  onNoteMuted: string;
  danger: string;
  dangerSoft: string;
  onDangerSoft: string;
  badge: string;
  onBadge: string;
  focus: string;
  /** Ground of the picture viewer. */
  veil: string;
  onVeil: string;
}

export const light: Palette = {
  canvas: "#f1f4f3",
  surface: "#ffffff",
  sunken: "#f4f7f6",
  selected: "#e0efea",
  border: "#d8e0dd",
  text: "#15201d",
  muted: "#53625d",
  primary: "#0a6656",
  onPrimary: "#ffffff",
  primarySoft: "#dcefe9",
  onPrimarySoft: "#064d41",
  bubbleIn: "#ffffff",
  onBubbleIn: "#15201d",
  bubbleOut: "#d3eae2",
  onBubbleOut: "#0d2a23",
  onBubbleOutMuted: "#3c5d54",
  attention: "#855a05",
  attentionSoft: "#fbf0d7",
  onAttentionSoft: "#5e4000",
  note: "#fff6cc",
  noteStrong: "#ffe68a",
  noteEdge: "#e3bb3c",
  onNote: "#3d3000",
  onNoteMuted: "#665000",
  danger: "#b3261e",
  dangerSoft: "#fbe9e7",
  onDangerSoft: "#8c1d16",
  badge: "#0a6656",
  onBadge: "#ffffff",
  focus: "#0f7a66",
  veil: "#0b0f0e",
  onVeil: "#ffffff",
};

export const night: Palette = {
  canvas: "#0e1413",
  surface: "#151c1b",
  sunken: "#1b2422",
  selected: "#1b332d",
  border: "#2b3633",
  text: "#e4ebe8",
  muted: "#9dada7",
  primary: "#5cb398",
  onPrimary: "#06211b",
  primarySoft: "#17352e",
  onPrimarySoft: "#aed8cb",
  bubbleIn: "#202a28",
  onBubbleIn: "#e4ebe8",
  bubbleOut: "#174238",
  onBubbleOut: "#e2f3ed",
  onBubbleOutMuted: "#a9cbc0",
  attention: "#e7b950",
  attentionSoft: "#33280f",
  onAttentionSoft: "#f0d18c",
  note: "#342c12",
  noteStrong: "#5c4a12",
  noteEdge: "#8a6d0f",
  onNote: "#f3e9c4",
  onNoteMuted: "#dccb8c",
  danger: "#ff9187",
  dangerSoft: "#3a1c1a",
  onDangerSoft: "#ffb4ac",
  badge: "#5cb398",
  onBadge: "#06211b",
  focus: "#82c4b0",
  veil: "#0b0f0e",
  onVeil: "#ffffff",
};

/** Which colour is written on which, and the contrast it must reach: 4.5 for text, 3 for signs and edges. */
export const pairs: ReadonlyArray<readonly [fore: keyof Palette, back: keyof Palette, least: number]> = [
  ["text", "canvas", 7],
  ["text", "surface", 7],
  ["text", "sunken", 7],
  ["text", "selected", 7],
  ["muted", "canvas", 4.5],
  ["muted", "surface", 4.5],
  ["muted", "sunken", 4.5],
  ["muted", "selected", 4.5],
  ["primary", "surface", 4.5],
  ["primary", "canvas", 4.5],
  ["primary", "selected", 4.5],
  ["onPrimary", "primary", 4.5],
  ["onPrimarySoft", "primarySoft", 4.5],
  ["onBubbleIn", "bubbleIn", 7],
  ["muted", "bubbleIn", 4.5],
  ["onBubbleOut", "bubbleOut", 7],
  ["onBubbleOutMuted", "bubbleOut", 4.5],
  ["danger", "bubbleOut", 4.5],
  ["attention", "surface", 4.5],
  ["attention", "canvas", 4.5],
  ["attention", "selected", 4.5],
  ["onAttentionSoft", "attentionSoft", 4.5],
  ["onNote", "note", 4.5],
  ["onNote", "noteStrong", 4.5],
  ["onNoteMuted", "note", 4.5],
  ["danger", "surface", 4.5],
  ["danger", "canvas", 4.5],
  ["onDangerSoft", "dangerSoft", 4.5],
  ["onBadge", "badge", 4.5],
  ["focus", "surface", 3],
  ["focus", "canvas", 3],
  ["focus", "selected", 3],
  ["onVeil", "veil", 7],
];

const kebab = (name: string) => name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`);

const variables = (palette: Palette) => ({
  ...Object.fromEntries(Object.entries(palette).map(([name, value]) => [`--loa-${kebab(name)}`, value])),
  "--mantine-color-body": palette.canvas,
  "--mantine-color-text": palette.text,
  "--mantine-color-dimmed": palette.muted,
  "--mantine-color-default": palette.surface,
  "--mantine-color-default-border": palette.border,
  "--mantine-color-default-hover": palette.sunken,
  "--mantine-color-placeholder": palette.muted,
  "--mantine-color-error": palette.danger,
  "--mantine-color-anchor": palette.primary,
});

export const cssVariables: CSSVariablesResolver = () => ({
  variables: {
    "--loa-row": "4.25rem",
    "--loa-gap": "0.75rem",
    "--loa-gap-small": "0.375rem",
    "--loa-bar": "3.25rem",
    "--loa-rail": "3.5rem",
    "--loa-radius": "0.5rem",
    "--loa-radius-bubble": "0.875rem",
  },
  light: variables(light),
  dark: variables(night),
});

const stack = '"Be Vietnam Pro", system-ui, -apple-system, "Segoe UI", sans-serif';

export const theme = createTheme({
  colors: { jade, brass, dark },
  primaryColor: "jade",
  primaryShade: { light: 8, dark: 4 },
  autoContrast: true,
  luminanceThreshold: 0.35,
  fontFamily: stack,
  fontFamilyMonospace: "ui-monospace, SFMono-Regular, Menlo, Consolas, monospace",
  headings: {
    fontFamily: stack,
    fontWeight: "600",
    sizes: { h1: { fontSize: "1.25rem" }, h2: { fontSize: "1.0625rem" }, h3: { fontSize: "0.9375rem" } },
  },
  fontSizes: { xs: "0.75rem", sm: "0.8125rem", md: "0.875rem", lg: "1rem", xl: "1.125rem" },
  spacing: { xs: "0.375rem", sm: "0.625rem", md: "0.875rem", lg: "1.25rem", xl: "2rem" },
  radius: { xs: "0.25rem", sm: "0.375rem", md: "0.5rem", lg: "0.75rem", xl: "1rem" },
  defaultRadius: "md",
  cursorType: "pointer",
  focusRing: "auto",
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: "sm" } },
    TextInput: { defaultProps: { size: "sm" } },
    PasswordInput: { defaultProps: { size: "sm" } },
    Select: { defaultProps: { size: "sm", allowDeselect: false } },
    Tooltip: { defaultProps: { openDelay: 400, withArrow: true } },
    ModalRoot: { defaultProps: { transitionProps: { duration: 0 } } },
    Modal: {
      // A window is there and gone at once, or the keys that follow would be lost; how it comes is a matter of CSS.
      defaultProps: { centered: true, radius: "lg", transitionProps: { duration: 0 } },
      styles: {
        content: { background: "var(--loa-surface)" },
        header: { background: "var(--loa-surface)" },
        title: { fontWeight: 600 },
      },
    },
    Drawer: {
      defaultProps: { transitionProps: { duration: 0 } },
      styles: { content: { background: "var(--loa-surface)" } },
    },
  },
});
