import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "~/i18n/use-translation";
import { conversationQuery, customerQuery } from "~/realtime/queries";
import classes from "./composer.module.css";
import type { ComposerState } from "./state";

/** What is possible while text cannot be sent, the cheapest first, as the server says; and the telephone. */
export function Ways({ state, conversation }: { state: ComposerState; conversation: string }) {
  const { t } = useTranslation();
  const customer = useQuery(conversationQuery(conversation)).data?.customer.id;
  const phone = useQuery({ ...customerQuery(customer ?? ""), enabled: customer !== undefined }).data?.phone;
  const { ways = [], links } = state.room ?? {};
  if (ways.length === 0) return null;
  // A masked number cannot be dialled.
  const dialled = phone && /^\+?\d+$/.test(phone) ? phone : null;
  return (
    <span className={classes.ways} data-testid="ways">
      {ways.map((way) =>
        way.kind === "template" ? (
          links?.templates && (
            <Button
              key={way.kind}
              size="compact-xs"
              variant="default"
              component="a"
              href={links.templates}
              target="_blank"
              rel="noopener noreferrer"
              title={t("composer.ways.template_hint")}
            >
              {t("composer.ways.template")}
            </Button>
          )
        ) : (
          <span key={way.kind}>{t(`composer.ways.${way.kind}`, { count: way.free_hours })}</span>
        ),
      )}
      {dialled && (
        <Button size="compact-xs" variant="default" component="a" href={`tel:${dialled}`}>
          {t("composer.ways.call", { phone: dialled })}
        </Button>
      )}
    </span>
  );
}
