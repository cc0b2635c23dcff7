import { Anchor } from "@mantine/core";
import {
  IconAddressBook,
  IconFile,
  IconHelpSquareRounded,
  IconMapPin,
  IconPhotoOff,
} from "@tabler/icons-react";
import { useState } from "react";
import type { Attachment } from "~/api/types";
import { useFormat } from "~/i18n/use-format";
import { useTranslation } from "~/i18n/use-translation";
import { outside } from "~/ui/outside";
import { addressOf, isPicture, safeAddress } from "./pictures";
import { SubmittedInfo, TemplateView } from "./template";
import classes from "./thread.module.css";

/** One attachment of a message. `onView` opens the picture viewer. */
export function AttachmentView(props: { attachment: Attachment; sender: string; onView(): void }) {
  const { attachment } = props;
  if (isPicture(attachment.kind)) return <Picture {...props} />;
  switch (attachment.kind) {
    case "sticker":
      return <Sticker attachment={attachment} />;
    case "audio":
    case "video":
      return <Media attachment={attachment} />;
    case "location":
      return <Location attachment={attachment} />;
    case "business_card":
      return <BusinessCard attachment={attachment} />;
    case "list":
    case "buttons":
      return <TemplateView attachment={attachment} />;
    case "request_info":
      return attachment.cards?.length ? (
        <TemplateView attachment={attachment} />
      ) : (
        <SubmittedInfo attachment={attachment} />
      );
    case "link":
      return <LinkCard attachment={attachment} />;
    case "file":
      return <FileCard attachment={attachment} />;
    default:
      return <Unknown attachment={attachment} />;
  }
}

function Picture({ attachment, sender, onView }: { attachment: Attachment; sender: string; onView(): void }) {
  const { t } = useTranslation();
  const [gone, setGone] = useState(false);
  const source = safeAddress(attachment.thumbnail_url) ?? addressOf(attachment);
  if (!source || gone) return <Gone />;
  return (
    <button type="button" className={classes.picture} onClick={onView} aria-label={t("thread.open_image")}>
      <img
        src={source}
        alt={t("thread.image_alt", { name: sender })}
        loading="lazy"
        decoding="async"
        onError={() => setGone(true)}
      />
    </button>
  );
}

function Sticker({ attachment }: { attachment: Attachment }) {
  const { t } = useTranslation();
  const [gone, setGone] = useState(false);
  const source = addressOf(attachment);
  if (!source || gone) return <span className={classes.plain}>{t("thread.sticker_alt")}</span>;
  return (
    <img
      className={classes.sticker}
      src={source}
      alt={t("thread.sticker_alt")}
      loading="lazy"
      onError={() => setGone(true)}
    />
  );
}

function Media({ attachment }: { attachment: Attachment }) {
  const { t } = useTranslation();
  const [mute, setMute] = useState(false);
  const source = addressOf(attachment);
  if (!source) return <Gone />;
  if (mute) {
    // Some phones record what browsers do not play (amr).
    return (
      <span className={classes.plain}>
        {t("thread.not_playable")}{" "}
        <Anchor size="sm" href={source} target="_blank" rel="noopener noreferrer">
          {t("thread.open_media")}
        </Anchor>
      </span>
    );
  }
  return attachment.kind === "audio" ? (
    // biome-ignore lint/a11y/useMediaCaption: what customers record has no captions.
    <audio
      className={classes.audio}
      controls
      preload="none"
      src={source}
      onError={() => setMute(true)}
      aria-label={t("thread.audio_label")}
    />
  ) : (
    // biome-ignore lint/a11y/useMediaCaption: what customers record has no captions.
    <video
      className={classes.video}
      controls
      preload="none"
      poster={safeAddress(attachment.thumbnail_url)}
      src={source}
      onError={() => setMute(true)}
      aria-label={t("thread.video_label")}
    />
  );
}

function Location({ attachment }: { attachment: Attachment }) {
  const { t } = useTranslation();
  const { latitude, longitude } = attachment;
  if (latitude == null || longitude == null) return <Gone />;
  return (
    <div className={classes.card}>
      <IconMapPin size={22} stroke={1.5} aria-hidden="true" />
      <div className={classes.cardBody}>
        <span>
          {t("thread.location_at", { latitude: latitude.toFixed(5), longitude: longitude.toFixed(5) })}
        </span>
        <Anchor size="sm" target="_blank" rel="noopener noreferrer" href={outside.map(latitude, longitude)}>
          {t("thread.open_map")}
        </Anchor>
      </div>
    </div>
  );
}

function BusinessCard({ attachment }: { attachment: Attachment }) {
  const { t } = useTranslation();
  return (
    <div className={classes.card}>
      <IconAddressBook size={22} stroke={1.5} aria-hidden="true" />
      <div className={classes.cardBody}>
        <span className={classes.strong}>{attachment.name || t("kinds.business_card")}</span>
        {attachment.phone && <span>{attachment.phone}</span>}
        {attachment.description && <span className={classes.small}>{attachment.description}</span>}
      </div>
    </div>
  );
}

function LinkCard({ attachment }: { attachment: Attachment }) {
  const { t } = useTranslation();
  const address = safeAddress(attachment.url);
  const thumbnail = safeAddress(attachment.thumbnail_url);
  const [gone, setGone] = useState(false);
  return (
    <div className={classes.card}>
      {thumbnail && !gone && (
        <img className={classes.thumb} src={thumbnail} alt="" loading="lazy" onError={() => setGone(true)} />
      )}
      <div className={classes.cardBody}>
        {attachment.name && <span className={classes.strong}>{attachment.name}</span>}
        {attachment.description && <span className={classes.small}>{attachment.description}</span>}
        {address && (
          <Anchor
            size="sm"
            href={address}
            target="_blank"
            rel="noopener noreferrer"
            className={classes.address}
          >
            {attachment.name ? t("thread.open_link") : address}
          </Anchor>
        )}
      </div>
    </div>
  );
}

function FileCard({ attachment }: { attachment: Attachment }) {
  const { t } = useTranslation();
  const format = useFormat();
  const address = addressOf(attachment);
  const name = attachment.name || t("kinds.file");
  const body = (
    <>
      <IconFile size={22} stroke={1.5} aria-hidden="true" />
      <span className={classes.cardBody}>
        <span className={classes.strong}>{name}</span>
        <span className={classes.small}>
          {address ? attachment.size != null && format.bytes(attachment.size) : t("thread.media_gone")}
        </span>
      </span>
    </>
  );
  return address ? (
    <a
      className={classes.card}
      href={address}
      download={attachment.name ?? true}
      target="_blank"
      rel="noopener noreferrer"
      aria-label={t("thread.open_file", { name })}
    >
      {body}
    </a>
  ) : (
    <div className={classes.card}>{body}</div>
  );
}

/** Something of a kind that this version does not show: what is known of it. */
function Unknown({ attachment }: { attachment: Attachment }) {
  const { t } = useTranslation();
  const address = safeAddress(attachment.url);
  return (
    <div className={classes.card}>
      <IconHelpSquareRounded size={22} stroke={1.5} aria-hidden="true" />
      <div className={classes.cardBody}>
        <span className={classes.strong}>{t("thread.unsupported_short")}</span>
        {attachment.kind && (
          <span className={classes.small}>{t("thread.unsupported_kind", { kind: attachment.kind })}</span>
        )}
        {attachment.name && <span className={classes.small}>{attachment.name}</span>}
        {address && (
          <Anchor size="sm" href={address} target="_blank" rel="noopener noreferrer">
            {t("thread.open_link")}
          </Anchor>
        )}
      </div>
    </div>
  );
}

function Gone() {
  const { t } = useTranslation();
  return (
    <span className={classes.plain}>
      <IconPhotoOff size={16} aria-hidden="true" /> {t("thread.media_gone")}
    </span>
  );
}
