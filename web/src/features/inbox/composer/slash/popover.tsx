import { Badge, Skeleton } from "@mantine/core";
import { IconPaperclip } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { ApiProblem } from "~/api/problem";
import type { FilledReply } from "~/api/types";
import { useTexts } from "~/i18n/use-texts";
import { useTranslation } from "~/i18n/use-translation";
import { useVariableName } from "~/parts/fields/variable-name";
import { FitMarks } from "~/ui/fit-marks";
import classes from "./slash.module.css";
import type { SlashState } from "./use-slash";

/** The canned replies that were found, and what the one under the cursor says here. */
export function SlashPopover({ slash, left }: { slash: SlashState; left: number | null }) {
  const { t } = useTranslation();
  const texts = useTexts();
  if (!slash.open) return null;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: only keeps the focus in the composer.
    <div className={classes.popover} data-testid="slash" onMouseDown={(event) => event.preventDefault()}>
      <div id={LIST} role="listbox" aria-label={t("replies.found")} className={classes.list}>
        {slash.found.map((reply) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the composer has the keys, as in every combobox.
          <div
            key={reply.id}
            id={optionId(reply)}
            role="option"
            tabIndex={-1}
            aria-selected={reply === slash.chosen}
            className={classes.option}
            onMouseMove={() => slash.setAt(slash.found.indexOf(reply))}
            onClick={() => slash.take(reply)}
            ref={reply === slash.chosen ? (node) => node?.scrollIntoView({ block: "nearest" }) : undefined}
          >
            <span className={classes.shortcut}>/{reply.shortcut}</span>
            <span className={classes.title}>{reply.title}</span>
            {reply.files.length > 0 && <IconPaperclip size={14} aria-label={t("replies.with_files")} />}
            {reply.personal && (
              <Badge size="xs" variant="default" tt="none">
                {t("replies.personal")}
              </Badge>
            )}
            <FitMarks fit={reply.fit} left={left} />
          </div>
        ))}
        {slash.loading && (
          <div className={classes.empty} role="status" aria-label={t("common.loading")}>
            <Skeleton height={12} width="60%" />
            <Skeleton height={12} width="45%" mt="xs" />
          </div>
        )}
        {slash.failed && (
          <p className={classes.empty} role="alert">
            {texts.problem(ApiProblem.of(slash.failed))}
          </p>
        )}
        {!slash.loading && !slash.failed && slash.found.length === 0 && (
          <p className={classes.empty}>
            {t("replies.none_here")}{" "}
            <Link to="/settings/replies" className={classes.link}>
              {t("replies.make_first")}
            </Link>
          </p>
        )}
      </div>
      {slash.chosen && <Preview reply={slash.chosen} />}
      <p className={classes.keys}>{t("replies.keys")}</p>
    </div>
  );
}

function Preview({ reply }: { reply: FilledReply }) {
  const { t } = useTranslation();
  const nameOf = useVariableName();
  return (
    <div className={classes.preview} aria-live="polite">
      {reply.missing.length > 0 && (
        <p className={classes.missing}>
          {t("replies.missing", {
            names: reply.missing.map(nameOf).join(", "),
          })}
        </p>
      )}
      <p className={classes.text}>{reply.text}</p>
      {reply.files.map((file) =>
        file.media_type.startsWith("image/") ? (
          <img key={file.id} className={classes.picture} src={file.url} alt={file.name} />
        ) : (
          <p key={file.id} className={classes.file}>
            <IconPaperclip size={14} aria-hidden="true" /> {file.name}
          </p>
        ),
      )}
    </div>
  );
}

export const LIST = "slash-list";

export function optionId(reply: { id: string }): string {
  return `slash-${reply.id}`;
}
