import i18next, { type i18n as I18n, type TFunction } from "i18next";
import { createContext, type ReactNode, useContext, useEffect, useState } from "react";

interface Translation {
  /** A new function in another language, so that what remembers texts forgets them. */
  t: TFunction;
  i18n: I18n;
}

const inLanguage = (): Translation => ({ t: i18next.t.bind(i18next) as TFunction, i18n: i18next });

/** Where no provider stands, as in a test of one component, the language does not change. */
const Context = createContext<Translation>(inLanguage());

/** Around the whole app: everything says its texts anew when the language changes. */
export function TranslationProvider({ children }: { children: ReactNode }) {
  const [translation, setTranslation] = useState(inLanguage);
  useEffect(() => {
    const change = () => setTranslation(inLanguage());
    i18next.on("languageChanged", change);
    return () => i18next.off("languageChanged", change);
  }, []);
  return <Context value={translation}>{children}</Context>;
}

/**
 * The texts in the reader's language. The library's own hook makes a wrapper and a listener for each component, and
 * an opened conversation has two hundred: a tenth of the time it takes to draw.
 */
export function useTranslation(): Translation {
  return useContext(Context);
}
