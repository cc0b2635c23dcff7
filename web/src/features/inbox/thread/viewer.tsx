import { ActionIcon, Modal } from "@mantine/core";
import { IconChevronLeft, IconChevronRight, IconDownload, IconX } from "@tabler/icons-react";
import type { KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import classes from "./viewer.module.css";

/** The picture viewer: one picture large, the others of the thread by arrow keys. */
export function Viewer(props: {
  pictures: { key: string; url: string }[];
  at: string | null;
  onMove(key: string): void;
  onClose(): void;
}) {
  const { t } = useTranslation();
  const index = props.pictures.findIndex((p) => p.key === props.at);
  const picture = props.pictures[index];
  const before = props.pictures[index - 1];
  const after = props.pictures[index + 1];
  const arrows = (event: KeyboardEvent) => {
    const to = event.key === "ArrowLeft" ? before : event.key === "ArrowRight" ? after : undefined;
    if (to) props.onMove(to.key);
  };
  return (
    <Modal
      opened={picture !== undefined}
      onClose={props.onClose}
      fullScreen
      withCloseButton={false}
      padding={0}
      aria-label={t("viewer.label")}
      classNames={{ content: classes.veil, body: classes.body }}
      onKeyDown={arrows}
    >
      {picture && (
        <>
          <div className={classes.bar}>
            <span>{t("viewer.position", { at: index + 1, of: props.pictures.length })}</span>
            <ActionIcon
              component="a"
              href={picture.url}
              download
              target="_blank"
              rel="noopener noreferrer"
              variant="transparent"
              className={classes.tool}
              aria-label={t("viewer.download")}
            >
              <IconDownload size={20} aria-hidden="true" />
            </ActionIcon>
            <ActionIcon
              variant="transparent"
              className={classes.tool}
              aria-label={t("common.close")}
              data-autofocus
              onClick={props.onClose}
            >
              <IconX size={20} aria-hidden="true" />
            </ActionIcon>
          </div>
          <div className={classes.stage}>
            <img key={picture.key} src={picture.url} alt="" className={classes.picture} />
          </div>
          {before && (
            <ActionIcon
              className={classes.left}
              variant="transparent"
              size="xl"
              aria-label={t("viewer.previous")}
              onClick={() => props.onMove(before.key)}
            >
              <IconChevronLeft aria-hidden="true" />
            </ActionIcon>
          )}
          {after && (
            <ActionIcon
              className={classes.right}
              variant="transparent"
              size="xl"
              aria-label={t("viewer.next")}
              onClick={() => props.onMove(after.key)}
            >
              <IconChevronRight aria-hidden="true" />
            </ActionIcon>
          )}
        </>
      )}
    </Modal>
  );
}
