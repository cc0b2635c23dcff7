import { Anchor } from "@mantine/core";
import {
  IconExternalLink,
  IconForms,
  IconMessage,
  IconMessageOff,
  IconMessages,
  IconPhone,
} from "@tabler/icons-react";
import { useState } from "react";
import type { Attachment } from "~/api/types";
import { useTranslation } from "~/i18n/use-translation";
import { safeAddress } from "./pictures";
import classes from "./template.module.css";

type Card = NonNullable<Attachment["cards"]>[number];
type Action = NonNullable<Attachment["buttons"]>[number]["action"];

/** Cards and buttons as the customer sees them; what a tap does stands beside, as here nothing is tapped. */
export function TemplateView({ attachment }: { attachment: Attachment }) {
  const { t } = useTranslation();
  const cards = attachment.cards ?? [];
  const buttons = attachment.buttons ?? [];
  const asks = attachment.kind === "request_info";
  return (
    <div className={classes.template} data-kind={attachment.kind} data-testid="template">
      {cards.map((card, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the cards of a sent message never change places.
        <CardView key={at} card={card} large={at === 0} />
      ))}
      {asks && cards.length > 0 && (
        <span className={classes.button}>
          <IconForms size={16} aria-hidden="true" />
          <span>{t("thread.give_info")}</span>
        </span>
      )}
      {buttons.map((button, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: see above.
        <span key={at} className={classes.button}>
          <ActionIcon action={button.action} />
          <span className={classes.label}>{button.title}</span>
          <Effect action={button.action} />
        </span>
      ))}
    </div>
  );
}

function CardView({ card, large }: { card: Card; large: boolean }) {
  const [gone, setGone] = useState(false);
  const picture = safeAddress(card.image_url);
  return (
    <div className={classes.card} data-large={large || undefined}>
      {picture && !gone && (
        <img className={classes.picture} src={picture} alt="" loading="lazy" onError={() => setGone(true)} />
      )}
      <div className={classes.words}>
        {card.title && <span className={classes.title}>{card.title}</span>}
        {card.subtitle && <span className={classes.subtitle}>{card.subtitle}</span>}
        {card.action && <Effect action={card.action} />}
      </div>
    </div>
  );
}

const ICONS = {
  open_url: IconExternalLink,
  say: IconMessage,
  say_hidden: IconMessageOff,
  sms: IconMessages,
  call: IconPhone,
} as const;

function ActionIcon({ action }: { action: Action }) {
  const Icon = ICONS[action.type];
  return <Icon size={16} aria-hidden="true" />;
}

/** What a tap does, in small letters. */
function Effect({ action }: { action: Action }) {
  const { t } = useTranslation();
  if (action.type === "open_url") {
    const address = safeAddress(action.url);
    return address ? (
      <Anchor className={classes.effect} href={address} target="_blank" rel="noopener noreferrer">
        {address}
      </Anchor>
    ) : null;
  }
  const text =
    action.type === "say" || action.type === "say_hidden"
      ? t(`thread.tap.${action.type}`, { text: action.text })
      : t(`thread.tap.${action.type}`, { phone: action.phone });
  return <span className={classes.effect}>{text}</span>;
}

/** What the customer submitted: the answer to a request for contact data. */
export function SubmittedInfo({ attachment }: { attachment: Attachment }) {
  const { t } = useTranslation();
  const rows = [
    [t("thread.info.name"), attachment.name],
    [t("thread.info.phone"), attachment.phone],
    [t("thread.info.address"), attachment.description],
  ].filter((row): row is [string, string] => Boolean(row[1]));
  return (
    <section className={classes.submitted} aria-label={t("thread.info.label")} data-testid="submitted-info">
      <p className={classes.submittedTitle}>
        <IconForms size={16} aria-hidden="true" />
        <span>{t("thread.info.label")}</span>
      </p>
      <dl className={classes.rows}>
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
