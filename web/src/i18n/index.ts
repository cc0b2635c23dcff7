/** Two languages, Vietnamese first. The catalogue of a language is loaded when it is used. */
import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import type { Language } from "./format";
import type vi from "./vi.json";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "translation";
    resources: { translation: typeof vi };
  }
}

const REMEMBERED = "loa.language";

const catalogues: Record<Language, () => Promise<{ default: object }>> = {
  vi: () => import("./vi.json"),
  en: () => import("./en.json"),
};

export function isLanguage(text: unknown): text is Language {
  return text === "vi" || text === "en";
}

/** The language of this browser before anybody signs in. */
export function rememberedLanguage(): Language {
  const stored = localStorage.getItem(REMEMBERED);
  return isLanguage(stored) ? stored : "vi";
}

/** Start with a language. */
export async function startI18n(language: Language): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    resources: {},
    partialBundledLanguages: true,
    interpolation: { escapeValue: false },
    returnNull: false,
  });
  await changeLanguage(language);
}

/** Load the catalogue if needed, then show everything in this language. */
export async function changeLanguage(language: Language): Promise<void> {
  if (!i18next.hasResourceBundle(language, "translation")) {
    const { default: catalogue } = await catalogues[language]();
    i18next.addResourceBundle(language, "translation", catalogue);
  }
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
  localStorage.setItem(REMEMBERED, language);
}
