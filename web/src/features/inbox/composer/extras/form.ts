/**
 * What is typed into the forms of lists, buttons and requests for contact data, and what of it is wrong. The limits are
 * the server's (`Offer`); the shapes of addresses and numbers are checked so far that a slip is seen at once, and again
 * by the server. Pure.
 */
import type { Offer, Template } from "~/api/types";

export type TemplateKind = Template["kind"];

export type TemplateLimits = NonNullable<Offer["kinds"][number]["template"]>;

export type ActionType = "none" | "open_url" | "say" | "say_hidden" | "sms" | "call";

export interface ActionForm {
  type: ActionType;
  /** Address, text to say, or text of the SMS. */
  value: string;
  phone: string;
}

export interface CardForm {
  title: string;
  subtitle: string;
  image: string;
  action: ActionForm;
}

export interface ButtonForm {
  title: string;
  action: ActionForm;
}

export interface Form {
  text: string;
  cards: CardForm[];
  buttons: ButtonForm[];
}

export type Fault = "required" | "length" | "address" | "phone";

/** Faults by the place of the field: `text`, `cards.0.title`, `buttons.1.action`. */
export type Faults = Record<string, Fault>;

const noAction: ActionForm = { type: "none", value: "", phone: "" };

export const emptyCard = (): CardForm => ({ title: "", subtitle: "", image: "", action: { ...noAction } });
export const emptyButton = (): ButtonForm => ({ title: "", action: { ...noAction, type: "open_url" } });

export function emptyForm(limits: TemplateLimits): Form {
  return {
    text: "",
    cards: Array.from({ length: limits.cards_min }, emptyCard),
    buttons: Array.from({ length: limits.buttons_min }, emptyButton),
  };
}

const lengthOf = (text: string) => [...text.trim()].length;

function isAddress(text: string): boolean {
  try {
    const { protocol } = new URL(text.trim());
    return protocol === "https:" || protocol === "http:";
  } catch {
    return false;
  }
}

const isPhone = (text: string) => /^[\d\s+.()-]+$/.test(text) && /^\d{8,15}$/.test(text.replace(/\D/g, ""));

function actionFault(action: ActionForm, limits: TemplateLimits): Fault | undefined {
  const { type, value, phone } = action;
  if (type === "none") return undefined;
  if ((type === "sms" || type === "call") && !isPhone(phone)) return phone.trim() ? "phone" : "required";
  if (type === "call") return undefined;
  if (!value.trim()) return "required";
  if (type === "open_url") return isAddress(value) ? undefined : "address";
  return lengthOf(value) > (type === "sms" ? limits.sms_max : limits.query_max) ? "length" : undefined;
}

/** Everything that would be refused. */
export function faultsOf(kind: TemplateKind, form: Form, limits: TemplateLimits, textMax: number): Faults {
  const faults: Faults = {};
  const note = (place: string, fault: Fault | undefined) => {
    if (fault) faults[place] = fault;
  };
  const length = (text: string, least: number, most: number): Fault | undefined =>
    lengthOf(text) < least ? "required" : lengthOf(text) > most ? "length" : undefined;
  if (kind === "buttons") note("text", length(form.text, 1, textMax));
  form.cards.forEach((card, at) => {
    const first = at === 0;
    note(`cards.${at}.title`, length(card.title, 1, limits.title_max));
    const least = first && limits.first_needs_subtitle ? 1 : 0;
    note(`cards.${at}.subtitle`, length(card.subtitle, least, limits.subtitle_max));
    if (card.image.trim()) note(`cards.${at}.image`, isAddress(card.image) ? undefined : "address");
    else if (first && limits.first_needs_picture) note(`cards.${at}.image`, "required");
    if (kind !== "request_info") note(`cards.${at}.action`, actionFault(card.action, limits));
  });
  form.buttons.forEach((button, at) => {
    note(`buttons.${at}.title`, length(button.title, 1, limits.title_max));
    note(`buttons.${at}.action`, actionFault(button.action, limits));
  });
  return faults;
}

type Action = NonNullable<NonNullable<Template["buttons"]>[number]["action"]>;

function actionOf({ type, value, phone }: ActionForm): Action | undefined {
  const text = value.trim();
  switch (type) {
    case "none":
      return undefined;
    case "open_url":
      return { type, url: text };
    case "say":
    case "say_hidden":
      return { type, text };
    case "sms":
      return { type, phone: phone.trim(), content: text };
    case "call":
      return { type, phone: phone.trim() };
  }
}

/** What is sent. */
export function templateOf(kind: TemplateKind, form: Form): Template {
  const cards = form.cards.map((card) => ({
    title: card.title.trim(),
    subtitle: card.subtitle.trim() || undefined,
    image_url: card.image.trim() || undefined,
    action: kind === "request_info" ? undefined : actionOf(card.action),
  }));
  const buttons = form.buttons.flatMap((button) => {
    const action = actionOf(button.action);
    return action ? [{ title: button.title.trim(), action }] : [];
  });
  return { kind, cards: kind === "buttons" ? [] : cards, buttons: kind === "request_info" ? [] : buttons };
}

/** Has somebody typed into it? */
export const isTouched = (form: Form, fresh: Form) => JSON.stringify(form) !== JSON.stringify(fresh);
