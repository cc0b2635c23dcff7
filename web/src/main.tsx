import "@mantine/core/styles.css";
import "@mantine/notifications/styles.css";
import "./ui/fonts.css";
import "./ui/global.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/app";
import { rememberedLanguage, startI18n } from "./i18n";

const root = document.getElementById("root");
if (!root) throw new Error("the page has no #root");

await startI18n(rememberedLanguage());
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
